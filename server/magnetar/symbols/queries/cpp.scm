; What C++ adds to C.
(class_specifier name: (type_identifier) @name body: (_) @body) @class
(class_specifier name: (template_type name: (type_identifier) @name) body: (_) @body) @class
(struct_specifier name: (template_type name: (type_identifier) @name) body: (_) @body) @struct
(namespace_definition name: (_) @name body: (_) @body) @namespace
(concept_definition name: (_) @name) @interface
(alias_declaration name: (_) @name) @class
(template_declaration) @extent

; A function inside a class, or with a name that C has not.
(function_definition
  declarator: [
    (function_declarator
      declarator: [(field_identifier) (operator_name) (destructor_name)] @name)
    (pointer_declarator
      declarator: (function_declarator declarator: [(field_identifier) (operator_name)] @name))
    (reference_declarator
      (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
  ]) @function
(field_declaration
  declarator: [
    (function_declarator declarator: [(field_identifier) (operator_name)] @name)
    (pointer_declarator declarator: (function_declarator declarator: [(field_identifier) (operator_name)] @name))
    (reference_declarator (function_declarator declarator: [(field_identifier) (operator_name)] @name))
  ]) @method
(field_declaration declarator: (reference_declarator (field_identifier) @name)) @field
(declaration
  declarator: [
    (function_declarator declarator: [(destructor_name) (operator_name)] @name)
    (reference_declarator (function_declarator declarator: [(identifier) (operator_name)] @name))
  ]) @function

; A member defined outside its class, up to three scopes deep.
(function_definition
  declarator: [
    (function_declarator declarator: (qualified_identifier) @_qualified)
    (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier) @_qualified))
    (reference_declarator (function_declarator declarator: (qualified_identifier) @_qualified))
  ]) @method
(function_declarator
  declarator: (qualified_identifier
    scope: (_) @scope
    name: [(identifier) (destructor_name) (operator_name)] @name))
(function_declarator
  declarator: (qualified_identifier
    scope: (_) @scope
    name: (qualified_identifier
      scope: (_) @scope
      name: [(identifier) (destructor_name) (operator_name)] @name)))
(function_declarator
  declarator: (qualified_identifier
    scope: (_) @scope
    name: (qualified_identifier
      scope: (_) @scope
      name: (qualified_identifier
        scope: (_) @scope
        name: [(identifier) (destructor_name) (operator_name)] @name))))

(attribute_declaration) @attribute
(namespace_identifier) @reference
