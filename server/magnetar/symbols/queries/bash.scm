(function_definition name: (_) @name body: (_) @body) @function
(program (variable_assignment name: (variable_name) @name) @variable)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @variable)

(comment) @comment
((command name: (command_name) @_call argument: (_)) @import
  (#any-of? @_call "source" "."))

[(command_name (word)) (variable_name)] @reference
