//! The form of a product's page: price, options, quantity, stock.

use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::{Choice, Currency, Group, Variant};

use super::chosen::Chosen;
use super::price::Price;

#[cfg_attr(feature = "islands", island)]
#[cfg_attr(not(feature = "islands"), component)]
pub fn ProductForm(choice: Choice, currency: Currency) -> impl IntoView {
    let Chosen(chosen) = expect_context();
    let quantity = RwSignal::new(1);
    let message = RwSignal::new(String::new());
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        message.set("Added to your cart.".to_owned());
    };
    let choice = Arc::new(choice);
    let variant = {
        let choice = choice.clone();
        Memo::new_with_compare(
            move |_| choice.variant(Some(chosen.get())).cloned(),
            |old, new| {
                let id = |one: Option<&Option<Variant>>| one?.as_ref().map(|variant| variant.id);
                id(old) != id(new)
            },
        )
    };
    let of =
        move |figure: fn(&Variant) -> bool| move || variant.read().as_ref().is_some_and(figure);
    let price = {
        let currency = currency.clone();
        move || {
            let variant = variant.get()?;
            let (now, before) = (variant.price, variant.before());
            Some(view! { <Price currency=currency.clone() now before large=true/> })
        }
    };
    let groups = move || {
        let variant = variant.read();
        let groups = variant.as_ref().map(|variant| choice.groups(variant));
        groups.unwrap_or_default()
    };
    let button = move || {
        let variant = variant.get()?;
        Some(match variant.available {
            true => {
                let price = currency.amount(variant.price).to_string();
                view! {
                    <div class="add-quantity">
                        <QuantityStepper value=quantity most=variant.most()/>
                    </div>
                    <button class="button button-primary add-button" type="submit">
                        "Add to cart"
                        <span class="add-price" translate="no" aria-hidden="true">
                            {price}
                        </span>
                    </button>
                }
                .into_any()
            }
            false => view! {
                <button class="button button-primary add-button" type="submit" disabled>
                    "Sold out"
                </button>
            }
            .into_any(),
        })
    };
    view! {
        <form class="product-form" method="post" action="/cart/add" on:submit=add>
            <input type="hidden" name="variant_id" value=move || chosen.get()/>
            {price}
            <VariantPicker groups/>
            <div class="add-to-cart">
                {button}
                <p class="form-message" role="status">
                    {message}
                </p>
            </div>
            <p
                class="stock"
                class:stock-low=of(Variant::few_are_left)
                class:stock-out=of(|variant| !variant.available)
            >
                {move || variant.read().as_ref().map(Variant::stock)}
            </p>
        </form>
    }
}

#[component]
fn VariantPicker(#[prop(into)] groups: Signal<Vec<Group>>) -> impl IntoView {
    let Chosen(chosen) = expect_context();
    let shown = move |group: Group| {
        let values = group.values.into_iter().map(|value| {
            let sold_out = !value.available;
            view! {
                <a
                    class="pill"
                    class:is-soldout=sold_out
                    dir="auto"
                    href=value.href
                    aria-current=value.chosen.then_some("true")
                    on:click=move |event| {
                        event.prevent_default();
                        chosen.set(value.variant);
                    }
                >
                    {value.text}
                    {sold_out.then(|| view! { <span class="visually-hidden">" (sold out)"</span> })}
                </a>
            }
        });
        view! {
            <fieldset class="option">
                <legend class="option-name">
                    {group.name} " "
                    <span class="option-value" dir="auto">
                        {group.value}
                    </span>
                </legend>
                <div class="option-values">{values.collect_view()}</div>
            </fieldset>
        }
    };
    view! {
        <div class="variant-picker" hidden=move || groups.read().is_empty()>
            {move || groups.get().into_iter().map(shown).collect_view()}
        </div>
    }
}

#[component]
fn QuantityStepper(value: RwSignal<i64>, most: i64) -> impl IntoView {
    let set = move |wanted: i64| value.set(wanted.clamp(1, most));
    view! {
        <div class="stepper" role="group" aria-label="Quantity">
            <button
                class="stepper-button stepper-less"
                type="button"
                aria-label="One fewer"
                aria-disabled=move || (value.get() <= 1).then_some("true")
                on:click=move |_| set(value.get() - 1)
            >
                <span class="icon icon-minus" aria-hidden="true"></span>
            </button>
            <input
                class="stepper-input"
                type="number"
                name="quantity"
                value=move || value.get()
                min="1"
                max=most
                step="1"
                inputmode="numeric"
                autocomplete="off"
                aria-label="Quantity"
                on:change=move |event| set(event_target_value(&event).parse().unwrap_or(1))
            />
            <button
                class="stepper-button stepper-more"
                type="button"
                aria-label="One more"
                aria-disabled=move || (value.get() >= most).then_some("true")
                on:click=move |_| set(value.get() + 1)
            >
                <span class="icon icon-plus" aria-hidden="true"></span>
            </button>
        </div>
    }
}
