//! The variant that the visitor has chosen, for all components that depend on it.

use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct Chosen(pub RwSignal<i64>);

/// Everything within depends on the choice, which begins with this variant.
#[cfg_attr(feature = "islands", island)]
#[cfg_attr(not(feature = "islands"), component)]
pub fn Choosing(variant: i64, children: Children) -> impl IntoView {
    provide_context(Chosen(RwSignal::new(variant)));
    children()
}
