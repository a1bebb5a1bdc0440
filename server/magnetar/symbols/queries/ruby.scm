(class name: [(constant) @name (scope_resolution scope: (_) @scope name: (_) @name)]) @class
(class "class" (body_statement) @body)
(module name: [(constant) @name (scope_resolution scope: (_) @scope name: (_) @name)]) @module
(module "module" (body_statement) @body)
(method name: (_) @name) @method
((method name: (identifier) @_name) @constructor (#eq? @_name "initialize"))
(method body: (_) @body)
(singleton_method name: (_) @name) @method
(singleton_method body: (_) @body)
(alias name: (_) @name) @method
(assignment left: (constant) @name) @constant
(assignment left: (left_assignment_list (constant) @name)) @constant
(operator_assignment left: (constant) @name) @constant
((call
   method: (identifier) @_call
   arguments: (argument_list . [(simple_symbol) (string)] @name)) @method
  (#any-of? @_call "define_method" "alias_method" "scope" "delegate"))
((call method: (identifier) @_call arguments: (argument_list (simple_symbol) @name)) @property
  (#any-of? @_call "attr_accessor" "attr_reader" "attr_writer" "attr"))

(comment) @comment
((call !receiver method: (identifier) @_call arguments: (argument_list (string))) @import
  (#any-of? @_call "require" "require_relative" "load" "autoload"))

[(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @reference
