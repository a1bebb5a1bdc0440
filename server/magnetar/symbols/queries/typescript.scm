(abstract_class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(interface_body (property_signature name: (_) @name) @property)
(interface_body (method_signature name: (_) @name) @method)
(class_body (method_signature name: (_) @name) @method)
(class_body (abstract_method_signature name: (_) @name) @method)
(public_field_definition name: (_) @name) @field
(public_field_definition
  name: (_) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @method
(type_alias_declaration name: (_) @name) @class
(type_alias_declaration value: (object_type) @body)
(enum_declaration name: (_) @name body: (_) @body) @enum
(enum_body name: (_) @name @enum_member)
(enum_assignment name: (_) @name) @enum_member
(function_signature name: (_) @name) @function
(module name: (_) @name body: (_) @body) @module
(internal_module name: (_) @name body: (_) @body) @namespace
(ambient_declaration) @extent
(ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name) @constant))
(ambient_declaration (variable_declaration (variable_declarator name: (identifier) @name) @variable))
(ambient_declaration (lexical_declaration . (variable_declarator) .) @extent)
(ambient_declaration (variable_declaration . (variable_declarator) .) @extent)
(internal_module body: (statement_block
  (export_statement (lexical_declaration (variable_declarator name: (identifier) @name) @constant))))
(internal_module body: (statement_block
  (export_statement (lexical_declaration . (variable_declarator) .) @extent)))

(type_identifier) @reference
