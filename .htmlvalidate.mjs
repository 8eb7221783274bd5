export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // A button in a form submits it unless it says otherwise; there is no button outside a form.
    "no-implicit-button-type": "off",
    // A list of chats that wait reads itself anew where there is no script, every ten seconds, and loses nothing typed.
    "meta-refresh": "off",
    // The class keeps a number on one line; the characters the rule wants would be copied along with the number.
    "tel-non-breaking": ["error", { ignoreClasses: ["nowrap"] }],
  },
};
