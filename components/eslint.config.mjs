import js from "@eslint/js";

export default [
  { ignores: ["**/node_modules/"] },
  js.configs.recommended,
  {
    rules: {
      "no-undef": "off", // tsc knows better
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "prefer-const": "error",
      "no-var": "error",
      eqeqeq: "error",
      "default-case-last": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.property.name='addEventListener']",
          message: "Listen by way of Scope (shared/dom.js), which lets go of every listener.",
        },
      ],
    },
  },
  { files: ["components/shared/dom.js"], rules: { "no-restricted-syntax": "off" } },
];
