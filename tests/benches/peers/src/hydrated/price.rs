//! A price, and the former one if it was higher.

use leptos::prelude::*;

use crate::Currency;

#[component]
pub fn Price(
    currency: Currency,
    now: i64,
    before: Option<i64>,
    #[prop(optional)] from: bool,
    #[prop(optional)] large: bool,
) -> impl IntoView {
    let was = before.map(|before| {
        view! {
            <span class="visually-hidden">" instead of "</span>
            <s class="price-was" translate="no">{currency.amount(before).to_string()}</s>
        }
    });
    view! {
        <p class="price" class:price-large=large class:price-reduced=before.is_some()>
            {from.then(|| view! { <span class="price-from">"From "</span> })}
            <span class="price-now" translate="no">{currency.amount(now).to_string()}</span>
            {was}
        </p>
    }
}
