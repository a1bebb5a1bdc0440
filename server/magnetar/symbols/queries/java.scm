(class_declaration name: (_) @name body: (_) @body) @class
(record_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(annotation_type_declaration name: (_) @name body: (_) @body) @interface
(enum_declaration name: (_) @name body: (_) @body) @enum
(enum_constant name: (_) @name) @enum_member
(enum_constant body: (_) @body)
(method_declaration name: (_) @name) @method
(method_declaration body: (_) @body)
(annotation_type_element_declaration name: (_) @name) @method
(constructor_declaration name: (_) @name body: (_) @body) @constructor
(compact_constructor_declaration name: (_) @name body: (_) @body) @constructor
(field_declaration declarator: (variable_declarator name: (_) @name)) @field
(constant_declaration declarator: (variable_declarator name: (_) @name)) @constant

(modifiers [(annotation) (marker_annotation)] @attribute)
[(line_comment) (block_comment)] @comment
(import_declaration) @import

[(identifier) (type_identifier)] @reference
