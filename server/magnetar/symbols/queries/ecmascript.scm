; What JavaScript and TypeScript share.
(class_declaration name: (_) @name body: (_) @body) @class
(class name: (_) @name body: (_) @body) @class
(function_declaration name: (_) @name body: (_) @body) @function
(generator_function_declaration name: (_) @name body: (_) @body) @function
(method_definition name: (_) @name body: (_) @body) @method

; Functions that are values take their name from where they are put.
(variable_declarator
  name: (identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @function
(assignment_expression
  left: [(identifier) @name (member_expression property: (property_identifier) @name)]
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @function
(pair
  key: (property_identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @function
(lexical_declaration . (variable_declarator value: [(arrow_function) (function_expression) (generator_function)]) .) @extent
(variable_declaration . (variable_declarator value: [(arrow_function) (function_expression) (generator_function)]) .) @extent

(program (lexical_declaration "const" (variable_declarator name: (identifier) @name) @constant))
(program (lexical_declaration "let" (variable_declarator name: (identifier) @name) @variable))
(program (variable_declaration (variable_declarator name: (identifier) @name) @variable))
(program (export_statement (lexical_declaration "const" (variable_declarator name: (identifier) @name) @constant)))
(program (export_statement (lexical_declaration "let" (variable_declarator name: (identifier) @name) @variable)))
(program (export_statement (variable_declaration (variable_declarator name: (identifier) @name) @variable)))
(program (lexical_declaration . (variable_declarator) .) @extent)
(program (variable_declaration . (variable_declarator) .) @extent)
(program (export_statement (lexical_declaration . (variable_declarator) .) @extent))
(export_statement declaration: (_)) @extent

(decorator) @attribute
(comment) @comment

(import_statement) @import
(export_statement source: (_)) @import
(call_expression function: (import) arguments: (arguments . (string))) @import
((call_expression function: (identifier) @_call arguments: (arguments . (string) .)) @import
  (#eq? @_call "require"))
((variable_declarator
   name: (_)
   value: (call_expression function: (identifier) @_call arguments: (arguments . (string) .))) @import
  (#eq? @_call "require"))

[
  (identifier)
  (property_identifier)
  (private_property_identifier)
  (shorthand_property_identifier)
] @reference
