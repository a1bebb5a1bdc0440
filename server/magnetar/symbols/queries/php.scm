(namespace_definition name: (_) @name body: (_) @body) @namespace
(class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(trait_declaration name: (_) @name body: (_) @body) @class
(enum_declaration name: (_) @name body: (_) @body) @enum
(enum_case name: (_) @name) @enum_member
(function_definition name: (_) @name body: (_) @body) @function
(method_declaration name: (_) @name) @method
(method_declaration body: (_) @body)
(property_declaration (property_element name: (variable_name (name) @name))) @property
(const_declaration (const_element . (name) @name)) @constant
((function_call_expression
   function: (name) @_call
   arguments: (arguments . (argument [(string) (encapsed_string)] @name))) @constant
  (#eq? @_call "define"))

(attribute_list) @attribute
(comment) @comment
[
  (namespace_use_declaration)
  (require_expression)
  (require_once_expression)
  (include_expression)
  (include_once_expression)
] @import

(name) @reference
