(function_declaration name: (identifier) @name) @function
(function_declaration body: (_) @body)
(method_declaration
  receiver: (parameter_list
    (parameter_declaration
      type: [
        (type_identifier) @scope
        (generic_type type: (type_identifier) @scope)
        (pointer_type [(type_identifier) @scope (generic_type type: (type_identifier) @scope)])
      ]))
  name: (field_identifier) @name) @method
(method_declaration body: (_) @body)

(type_spec name: (type_identifier) @name) @class
(type_alias name: (type_identifier) @name) @class
(type_spec type: (struct_type (field_declaration_list) @body)) @struct
(type_spec type: (interface_type "{" @body)) @interface
(type_declaration . (type_spec) .) @extent
(type_declaration . (type_alias) .) @extent
(field_declaration name: (field_identifier) @name) @field
(method_elem name: (field_identifier) @name) @method

(source_file (const_declaration (const_spec name: (identifier) @name) @constant))
(source_file (var_declaration (var_spec name: (identifier) @name) @variable))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @variable)))
(source_file (const_declaration . (const_spec) .) @extent)
(source_file (var_declaration . (var_spec) .) @extent)

(comment) @comment
(import_spec) @import

[(identifier) (type_identifier) (field_identifier) (package_identifier)] @reference
