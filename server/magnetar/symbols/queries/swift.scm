(class_declaration ["class" "actor"] name: (_) @name body: (_) @body) @class
(class_declaration "struct" name: (_) @name body: (_) @body) @struct
(class_declaration "enum" name: (_) @name body: (_) @body) @enum
(class_declaration "extension" name: (_) @scope body: (_) @body) @container
(protocol_declaration name: (_) @name body: (_) @body) @interface
(enum_entry name: (simple_identifier) @name) @enum_member
(function_declaration "func" . name: _ @name) @function
(function_declaration body: (_) @body)
(protocol_function_declaration name: (simple_identifier) @name) @method
(init_declaration name: _ @name) @constructor
(init_declaration body: (_) @body)
(deinit_declaration "deinit" @name) @method
(deinit_declaration body: (_) @body)
(subscript_declaration "subscript" @name) @method
(subscript_declaration (computed_property) @body)
(property_declaration name: (pattern bound_identifier: (_) @name)) @property
(property_declaration computed_value: (_) @body)
(protocol_property_declaration name: (pattern bound_identifier: (_) @name)) @property
(typealias_declaration name: (type_identifier) @name) @class
(associatedtype_declaration name: (_) @name) @class
(macro_declaration . (simple_identifier) @name) @function

(modifiers (attribute) @attribute)
[(comment) (multiline_comment)] @comment
(import_declaration) @import

[(simple_identifier) (type_identifier)] @reference
