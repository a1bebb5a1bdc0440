(function_declaration
  name: [
    (identifier) @name
    (dot_index_expression table: (_) @scope field: (identifier) @name)
  ]) @function
(function_declaration name: (method_index_expression table: (_) @scope method: (identifier) @name)) @method
(function_declaration body: (_) @body)
(assignment_statement
  (variable_list
    . name: [
      (identifier) @name
      (dot_index_expression table: (_) @scope field: (identifier) @name)
    ])
  (expression_list . value: (function_definition))) @function
(assignment_statement (expression_list . value: (function_definition body: (_) @body)))
(field name: (identifier) @name value: (function_definition)) @function
(field value: (function_definition body: (_) @body))

(chunk (assignment_statement (variable_list name: (identifier) @name)) @variable)
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @name)) @variable))
(chunk (variable_declaration (assignment_statement)) @extent)
(variable_declaration (assignment_statement (expression_list . value: (function_definition)))) @extent

(comment) @comment
((function_call name: (identifier) @_call arguments: (arguments (string))) @import
  (#any-of? @_call "require" "dofile" "loadfile"))

(identifier) @reference
