//! A product in a list.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::{Card, Currency};

use super::price::Price;

#[component]
pub fn ProductCard(card: Card, currency: Currency, return_to: String) -> impl IntoView {
    let path = card.path();
    let (before, from, buys) = (card.before(), card.has_a_range(), card.buys());
    let badge = match (card.available, before) {
        (false, _) => Some(("badge badge-soldout", "Sold out")),
        (true, Some(_)) => Some(("badge badge-sale", "Sale")),
        (true, None) => None,
    };
    let title = card.title.clone();
    view! {
        <article class="card">
            <div class="card-media">
                {match card.image {
                    Some(image) => {
                        view! {
                            <img
                                class="card-image"
                                src=image.src
                                alt=image.alt
                                width="800"
                                height="1000"
                                loading="lazy"
                                decoding="async"
                            />
                        }
                            .into_any()
                    }
                    None => {
                        view! { <span class="card-noimage" aria-hidden="true"></span> }.into_any()
                    }
                }}
                {badge.map(|(class, text)| view! { <span class=class>{text}</span> })}
            </div>
            <div class="card-body">
                <h3 class="card-title">
                    <a class="card-link" dir="auto" href=path>
                        {card.title}
                    </a>
                </h3>
                <Price currency now=card.price_min before from/>
            </div>
            {buys.map(|variant| view! { <CardForm variant title return_to/> })}
        </article>
    }
}

/// Adds the only variant of a product to the cart.
#[cfg_attr(feature = "islands", island)]
#[cfg_attr(not(feature = "islands"), component)]
fn CardForm(variant: i64, title: String, return_to: String) -> impl IntoView {
    let done = RwSignal::new(false);
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        done.set(true);
    };
    view! {
        <form class="card-add" method="post" action="/cart/add" on:submit=add>
            <input type="hidden" name="variant_id" value=variant/>
            <input type="hidden" name="quantity" value="1"/>
            <input type="hidden" name="return_to" value=return_to/>
            <button class="card-add-button" type="submit" class:is-done=move || done.get()>
                <span
                    class="icon"
                    class:icon-plus=move || !done.get()
                    class:icon-check=move || done.get()
                    aria-hidden="true"
                ></span>
                <span class="visually-hidden">{format!("Add {title} to cart")}</span>
            </button>
        </form>
    }
}
