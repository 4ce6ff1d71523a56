// What the page lets its components call.
window.goFunctions = {
  describe({ name, big }) {
    return { text: `${name} ${typeof big} ${big} in ${this.className}`, secret: "not declared" };
  },
};
