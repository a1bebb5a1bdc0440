(class_declaration "class" name: (_) @name) @class
(class_declaration "interface" name: (_) @name) @interface
(class_declaration (modifiers (class_modifier "enum")) name: (_) @name) @enum
(class_declaration [(class_body) (enum_class_body)] @body)
(object_declaration name: (_) @name) @class
(object_declaration (class_body) @body)
(companion_object (class_body) @body) @container
(enum_entry . (identifier) @name) @enum_member
(function_declaration name: (_) @name) @function
(function_declaration (function_body) @body)
(secondary_constructor "constructor" @name) @constructor
(secondary_constructor (block) @body)
(property_declaration (variable_declaration . (identifier) @name)) @property
(property_declaration (multi_variable_declaration (variable_declaration . (identifier) @name))) @property
(class_parameter ["val" "var"] (identifier) @name) @property
(type_alias type: (_) @name) @class

(annotation) @attribute
[(line_comment) (block_comment)] @comment
(import) @import

(identifier) @reference
