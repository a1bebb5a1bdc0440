(namespace_declaration name: (_) @name body: (_) @body) @namespace
(class_declaration name: (_) @name) @class
(class_declaration body: (_) @body)
(struct_declaration name: (_) @name) @struct
(struct_declaration body: (_) @body)
(record_declaration name: (_) @name) @class
(record_declaration body: (_) @body)
(interface_declaration name: (_) @name) @interface
(interface_declaration body: (_) @body)
(enum_declaration name: (_) @name body: (_) @body) @enum
(enum_member_declaration name: (_) @name) @enum_member
(delegate_declaration name: (_) @name) @function
(method_declaration name: (_) @name) @method
(method_declaration body: (_) @body)
(local_function_statement name: (_) @name body: (_) @body) @function
(constructor_declaration name: (_) @name) @constructor
(constructor_declaration body: (_) @body)
(property_declaration name: (_) @name) @property
(property_declaration accessors: (_) @body)
(property_declaration value: (_) @body)
(event_field_declaration (variable_declaration (variable_declarator name: (_) @name))) @event
(event_declaration name: (_) @name) @event
(field_declaration (variable_declaration (variable_declarator name: (_) @name))) @field
(operator_declaration operator: _ @name) @operator
(operator_declaration body: (_) @body)

(attribute_list) @attribute
(comment) @comment
(using_directive) @import

(identifier) @reference
