//! Session, origin check, content security policy, locale, assets, error pages.
