export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // A button in a form submits it unless it says otherwise; there is no button outside a form.
    "no-implicit-button-type": "off",
    // The class keeps a number on one line; the characters the rule wants would be copied along with the number.
    "tel-non-breaking": ["error", { ignoreClasses: ["nowrap"] }],
  },
};
