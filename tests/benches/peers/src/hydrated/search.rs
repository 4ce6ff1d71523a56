//! The search form of the header.

use leptos::prelude::*;

#[cfg_attr(feature = "islands", island)]
#[cfg_attr(not(feature = "islands"), component)]
pub fn SearchBox() -> impl IntoView {
    let query = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    view! {
        <form class="search" role="search" method="get" action="/search">
            <input
                class="search-input"
                type="text"
                inputmode="search"
                enterkeyhint="search"
                name="q"
                value=query
                placeholder="Search"
                maxlength="100"
                autocomplete="off"
                spellcheck="false"
                aria-label="Search the shop"
                role="combobox"
                aria-expanded=move || open.get().to_string()
                aria-controls="search-suggestions"
                aria-autocomplete="list"
                on:input=move |event| query.set(event_target_value(&event))
                on:focusout=move |_| open.set(false)
            />
            <button class="search-button" type="submit" aria-label="Search">
                <span class="icon icon-search" aria-hidden="true"></span>
            </button>
            <div class="suggestions" hidden=move || !open.get()>
                <div id="search-suggestions" role="listbox" aria-label="Suggestions"></div>
            </div>
        </form>
    }
}
