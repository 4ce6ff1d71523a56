//! Text as searches compare it: without case, accents and forms of presentation.

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, Script};

/// What the character belongs to: Latin, Greek, Han …
pub(super) fn script(letter: char) -> Script {
    CodePointMapData::<Script>::new().get(letter)
}

/// Folds a text. What is folded already stays as it is.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let seen: String = text.chars().filter(|letter| !is_ignored(*letter)).collect();
    let mut folded = String::with_capacity(seen.len());
    let classes = CanonicalCombiningClassMapBorrowed::new();
    for letter in DecomposingNormalizerBorrowed::new_nfkd()
        .normalize(&seen)
        .chars()
    {
        if !is_accent(classes.get_u8(letter)) {
            // By way of the capital, which final sigma, dotless i and sharp s share with their
            // plain forms.
            for small in letter.to_uppercase().flat_map(char::to_lowercase) {
                if !is_accent(classes.get_u8(small)) {
                    push_plain(&mut folded, small);
                }
            }
        }
    }
    match folded.is_ascii() {
        true => folded,
        // Syllables of Hangul and voiced kana belong together.
        false => ComposingNormalizerBorrowed::new_nfc()
            .normalize(&folded)
            .into_owned(),
    }
}

/// Marks that are not typed: joiners, directions, soft hyphens, choices of glyph, and trade marks,
/// which compatibility would turn into letters.
fn is_ignored(letter: char) -> bool {
    matches!(letter, '\u{fe00}'..='\u{fe0f}' | '™' | '℠' | '®' | '©')
        || (!letter.is_ascii()
            && CodePointMapData::<GeneralCategory>::new().get(letter) == GeneralCategory::Format)
}

/// Whether a mark of this combining class is an accent that a query may leave out: overlays,
/// nuktas, points of Hebrew and Arabic, and what stands above or below a letter. Vowel signs of
/// Thai and Devanagari are letters to their readers.
fn is_accent(class: u8) -> bool {
    matches!(class, 1 | 7 | 10..=36 | 200..=240)
}

/// A letter as people without it on the keyboard type it: ø as o, æ as ae, katakana as hiragana.
fn push_plain(text: &mut String, letter: char) {
    match letter {
        letter if letter.is_ascii() => text.push(letter),
        '×' => text.push('x'),
        'ァ'..='ヶ' => {
            text.push(char::from_u32(u32::from(letter) - 0x60).unwrap_or(letter));
        }
        letter if is_transliterated(letter) => match deunicode::deunicode_char(letter) {
            Some(plain) => text.push_str(&plain.to_ascii_lowercase()),
            None => text.push(letter),
        },
        letter => text.push(letter),
    }
}

/// Letters of the Latin script that are no letter with an accent, and digits of other scripts.
fn is_transliterated(letter: char) -> bool {
    script(letter) == Script::Latin
        || CodePointMapData::<GeneralCategory>::new().get(letter) == GeneralCategory::DecimalNumber
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_accents_and_forms_do_not_matter() {
        for (text, folded) in [
            ("Café CRÈME", "cafe creme"),
            ("Große Straße", "grosse strasse"),
            ("Smørrebrød Æble Łódź", "smorrebrod aeble lodz"),
            ("İstanbul IŞIK ışık", "istanbul isik isik"),
            ("Ελιά ΛΆΔΙ λάδις", "ελια λαδι λαδισ"),
            ("Ёлочка Чайник", "елочка чаиник"),
            ("ＨＰ ３０１ ②", "hp 301 2"),
            ("M8×40 Foo™ №5", "m8x40 foo no5"),
            ("カップ ｶｯﾌﾟ かっぷ", "かっふ かっふ かっふ"),
            ("찻잔 ٣٤", "찻잔 34"),
            ("ชาเขียว हरी", "ชาเขียว हरी"),
            ("קָפֶה قَهْوَة", "קפה قهوة"),
            ("re\u{ad}sume\u{301}", "resume"),
        ] {
            let wanted = folded.replace("かっふ", "かっぷ");
            assert_eq!(fold(text), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_folded_stays(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
