(struct_item name: (_) @name) @struct
(struct_item body: (field_declaration_list) @body)
(union_item name: (_) @name body: (_) @body) @struct
(enum_item name: (_) @name body: (_) @body) @enum
(enum_variant name: (_) @name) @enum_member
(field_declaration name: (_) @name) @field
(trait_item name: (_) @name body: (_) @body) @interface
(mod_item name: (_) @name body: (_) @body) @module
(function_item name: (_) @name body: (_) @body) @function
(function_signature_item name: (_) @name) @function
(macro_definition name: (_) @name) @function
(macro_definition . name: (_) . ["{" "(" "["] @body)
(const_item name: (_) @name) @constant
(static_item name: (_) @name) @variable
(type_item name: (_) @name) @class
(associated_type name: (_) @name) @class
(impl_item
  type: [
    (type_identifier) @scope
    (primitive_type) @scope
    (generic_type type: [(type_identifier) @scope (scoped_type_identifier name: (_) @scope)])
    (scoped_type_identifier name: (_) @scope)
    (reference_type type: [(type_identifier) @scope (generic_type type: (type_identifier) @scope)])
  ]) @container

(attribute_item) @attribute
[(line_comment) (block_comment)] @comment

[(use_declaration) (extern_crate_declaration)] @import
(mod_item name: (_) !body) @import

[(identifier) (type_identifier) (field_identifier) (shorthand_field_identifier)] @reference
