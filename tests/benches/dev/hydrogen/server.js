import { createStorefrontClient } from "@shopify/hydrogen";
import { createRequestHandler } from "@shopify/hydrogen/oxygen";
import { RouterContextProvider } from "react-router";

export default {
  async fetch(request) {
    const build = await import("virtual:react-router/server-build");
    // Hydrogen demands a client of the Storefront API, which the page does not ask.
    const { storefront } = createStorefrontClient({
      storeDomain: "https://shop.invalid",
      publicStorefrontToken: "none",
      i18n: { language: "EN", country: "US" },
    });
    const getLoadContext = () => Object.assign(new RouterContextProvider(), { storefront });
    return createRequestHandler({ build, mode: process.env.NODE_ENV, getLoadContext })(request);
  },
};
