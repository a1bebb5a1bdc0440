(class_definition name: (_) @name) @class
(class_definition body: (_) @body)
(object_definition name: (_) @name) @module
(object_definition body: (_) @body)
(package_object name: (_) @name body: (_) @body) @module
(trait_definition name: (_) @name) @interface
(trait_definition body: (_) @body)
(enum_definition name: (_) @name body: (_) @body) @enum
(simple_enum_case name: (_) @name) @enum_member
(full_enum_case name: (_) @name) @enum_member
(function_definition name: (_) @name body: (_) @body) @function
(function_declaration name: (_) @name) @function
(template_body [(function_definition) (function_declaration)] @method)
(given_definition name: (_) @name) @variable
(val_definition pattern: [(identifier) @name (identifiers (identifier) @name) (tuple_pattern (identifier) @name)]) @variable
(var_definition pattern: [(identifier) @name (identifiers (identifier) @name) (tuple_pattern (identifier) @name)]) @variable
(val_declaration name: (_) @name) @variable
(var_declaration name: (_) @name) @variable
(type_definition name: (_) @name) @class

(annotation) @attribute
[(comment) (block_comment)] @comment
(import_declaration) @import

[(identifier) (type_identifier)] @reference
