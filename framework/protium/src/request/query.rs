//! Query parameters as a type of the shop's own: its fields are what the page declares.

use axum::extract::{FromRequestParts, Query};
use http::StatusCode;
use http::request::Parts;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::http::error::HttpError;
use crate::request::declared_params::{DeclaredByHandler, DeclaredParams};

/// The query's parameters, as a struct whose fields say which ones there are. A page is cached
/// for each of their values; what is not a field is in no key and reaches no handler.
///
/// Fields should be optional or have a default: the page without any parameters says which ones it
/// has, so a page that cannot be made without them is not cached.
///
/// ```
/// use protium::prelude::*;
/// use protium::serde::Deserialize;
///
/// #[derive(Deserialize)]
/// # #[serde(crate = "protium::serde")]
/// struct Paging {
///     #[serde(default)]
///     page: u32,
/// }
///
/// async fn journal(Params(Paging { page }): Params<Paging>) -> Page {
///     Page::new("journal.html").data("page", &page)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Params<T>, HttpError> {
        let names = fields::<T>();
        if let Some(declared) = parts.extensions.get::<DeclaredByHandler>() {
            declared.any(names);
        }
        let only = names
            .iter()
            .fold(DeclaredParams::default(), |params, name| params.any(*name));
        let target = parts.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        let refused = |cause: &dyn std::fmt::Display| {
            HttpError::of_status(StatusCode::BAD_REQUEST).because(cause)
        };
        let uri = only
            .target(target)
            .parse()
            .map_err(|error| refused(&error))?;
        match Query::<T>::try_from_uri(&uri) {
            Ok(Query(params)) => Ok(Params(params)),
            Err(rejection) => Err(refused(&rejection.body_text())),
        }
    }
}

/// The names of a struct's fields, as serde knows them.
fn fields<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // It ends with an error in any case: nothing is there to be read.
    let _ = T::deserialize(Fields(&mut names));
    names
}

/// Notes the fields that are asked for, and has none.
struct Fields<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("only the names of fields are read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Paging {
        #[serde(default)]
        page: u32,
        #[serde(rename = "q")]
        words: Option<String>,
    }

    #[test]
    fn the_fields_of_a_struct_are_its_parameters() {
        assert_eq!(fields::<Paging>(), ["page", "q"]);
        assert!(fields::<String>().is_empty());
    }

    #[tokio::test]
    async fn what_is_no_field_is_not_read() -> Result<(), Box<dyn std::error::Error>> {
        let request = http::Request::get("/journal?page=2&q=a%20b&x=1&page=3").body(())?;
        let (mut parts, ()) = request.into_parts();
        let declared = DeclaredByHandler::default();
        parts.extensions.insert(declared.clone());
        let params = Params::<Paging>::from_request_parts(&mut parts, &()).await;
        let Params(Paging { page, words }) = params.map_err(|error| error.message)?;
        assert_eq!((page, words.as_deref()), (2, Some("a b")));
        let target = declared.take();
        assert_eq!(target.target("/journal?page=2&x=1"), "/journal?page=2");
        Ok(())
    }

    #[tokio::test]
    async fn a_value_of_another_kind_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let request = http::Request::get("/journal?page=many").body(())?;
        let (mut parts, ()) = request.into_parts();
        let refused = Params::<Paging>::from_request_parts(&mut parts, &()).await;
        let status = refused.err().map(|refusal| refusal.status);
        assert_eq!(status, Some(StatusCode::BAD_REQUEST));
        Ok(())
    }
}
