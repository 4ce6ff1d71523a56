//! The words of the index in memory: which there are, which are forms of one another, and which a
//! misspelt one was meant to be. 50 000 words take about 3 MB.

use std::collections::BTreeMap;

use icu_properties::props::Script;
use rust_stemmers::{Algorithm, Stemmer};

use super::fold::script;

/// Words that an answer of [`Vocabulary`] has at most.
const MOST: usize = 8;

/// Words that are kept; those of a larger catalogue that are in more products come first.
const MAX_WORDS: usize = 1_000_000;

/// Shortest part that a word is found by, in characters; in languages that write compounds as one
/// word shorter ones say enough.
const MIN_PART: usize = 5;
const MIN_PART_OF_COMPOUND: usize = 4;

/// Shortest word whose beginning alone may be misspelt, in characters.
const MIN_BEGINNING: usize = 5;

/// Longest word whose spelling is corrected, in characters.
const MAX_SPELT: usize = 30;

/// The words, sorted.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    text: String,
    words: Vec<Word>,
    /// Digest of a stem, and the place of a word that has it; sorted.
    stems: Vec<(u64, u32)>,
    language: Option<Algorithm>,
}

#[derive(Debug, Clone, Copy)]
struct Word {
    start: u32,
    bytes: u8,
    letters: u8,
    has_digits: bool,
    /// Products that have it.
    products: u32,
    /// A bit for each of its letters: words that differ in more bits than edits can change are
    /// told apart without a comparison.
    bits: u64,
}

/// How near a misspelt word is to one of the vocabulary; the least is nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Distance {
    edits: usize,
    other_beginning: bool,
    other_length: bool,
}

impl Vocabulary {
    /// Words with the number of products that have them. `locale` says whose stems words of the
    /// Latin script have.
    pub(super) fn new(mut found: Vec<(String, u32)>, locale: &str) -> Self {
        if found.len() > MAX_WORDS {
            found.sort_unstable_by_key(|(_, products)| std::cmp::Reverse(*products));
            found.truncate(MAX_WORDS);
        }
        found.sort_unstable();
        found.dedup_by(|a, b| a.0 == b.0);
        let mut vocabulary = Self {
            language: language(locale),
            ..Self::default()
        };
        let mut stemmers = BTreeMap::new();
        for (word, products) in found {
            let (Ok(start), Ok(bytes), Ok(letters), Ok(place)) = (
                u32::try_from(vocabulary.text.len()),
                u8::try_from(word.len()),
                u8::try_from(word.chars().count()),
                u32::try_from(vocabulary.words.len()),
            ) else {
                continue;
            };
            let stem = vocabulary.algorithm(&word).map(|algorithm| {
                let stemmer = stemmers
                    .entry(algorithm as u8)
                    .or_insert_with(|| Stemmer::create(algorithm));
                stem_digest(stemmer, algorithm, &word)
            });
            vocabulary.stems.extend(stem.map(|stem| (stem, place)));
            vocabulary.text.push_str(&word);
            vocabulary.words.push(Word {
                start,
                bytes,
                letters,
                has_digits: has_digits(&word),
                products,
                bits: bits(&word),
            });
        }
        vocabulary.stems.sort_unstable();
        vocabulary
    }

    fn get(&self, word: &Word) -> &str {
        let start = word.start as usize;
        self.text
            .get(start..start + usize::from(word.bytes))
            .unwrap_or_default()
    }

    /// Place of the first word that is not before `word`.
    fn place(&self, word: &str) -> usize {
        self.words.partition_point(|known| self.get(known) < word)
    }

    /// Whether there is this word.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words
            .get(self.place(word))
            .is_some_and(|known| self.get(known) == word)
    }

    /// Whether a word begins so, and is longer.
    pub(super) fn has_beginning(&self, beginning: &str) -> bool {
        let place = self.place(beginning);
        self.words
            .iter()
            .skip(place)
            .take(2)
            .map(|known| self.get(known))
            .any(|known| known.len() > beginning.len() && known.starts_with(beginning))
    }

    /// Other forms of a word: its plural, its singular.
    pub(super) fn forms(&self, word: &str) -> Vec<&str> {
        let Some(algorithm) = self.algorithm(word) else {
            return Vec::new();
        };
        let stem = stem_digest(&Stemmer::create(algorithm), algorithm, word);
        let first = self.stems.partition_point(|(other, _)| *other < stem);
        self.stems
            .iter()
            .skip(first)
            .take_while(|(other, _)| *other == stem)
            .filter_map(|(_, place)| self.words.get(*place as usize))
            .map(|known| self.get(known))
            .filter(|known| *known != word)
            .take(MOST)
            .collect()
    }

    /// Words that end with this one (`blumentopf` for `topf`), or have it in them anywhere, those
    /// in most products first. Numbers are found by their last digits only.
    pub(super) fn compounds(&self, part: &str, anywhere: bool) -> Vec<&str> {
        let digits = has_digits(part);
        let joins = matches!(
            self.language,
            Some(
                Algorithm::Danish
                    | Algorithm::Dutch
                    | Algorithm::Finnish
                    | Algorithm::German
                    | Algorithm::Hungarian
                    | Algorithm::Norwegian
                    | Algorithm::Swedish
            )
        );
        let least = match joins && !digits {
            true => MIN_PART_OF_COMPOUND,
            false => MIN_PART,
        };
        if part.chars().nth(least - 1).is_none() || digits && anywhere {
            return Vec::new();
        }
        let part_bits = bits(part);
        let finder = memchr::memmem::Finder::new(part);
        let mut found: Vec<&Word> = self
            .words
            .iter()
            .filter(|known| part_bits & !known.bits == 0)
            .filter(|known| {
                let text = self.get(known);
                match anywhere {
                    true => finder.find(text.as_bytes()).is_some(),
                    false => text.ends_with(part),
                }
            })
            .collect();
        found.sort_by_key(|known| std::cmp::Reverse(known.products));
        found
            .into_iter()
            .map(|known| self.get(known))
            .take(MOST)
            .collect()
    }

    /// The words that a misspelt one is nearest to; with `begins` those that begin with something
    /// near to it, too. Digits are never misspelt: another number is another thing.
    pub(super) fn nearest(&self, word: &str, begins: bool) -> Vec<&str> {
        let letters = word.chars().count();
        let most = match letters {
            0..=2 => return Vec::new(),
            3..=5 => 1,
            6..=MAX_SPELT => 2,
            _ => return Vec::new(),
        };
        let digits = has_digits(word);
        let typed = bits(word);
        let mut best: Vec<(Distance, &Word)> = Vec::new();
        for known in &self.words {
            let length = usize::from(known.letters);
            let missing = (typed & !known.bits).count_ones() as usize;
            let other = (typed ^ known.bits).count_ones() as usize;
            let whole = length.abs_diff(letters) <= most && other <= 2 * most;
            let beginning =
                begins && letters >= MIN_BEGINNING && length > letters && missing <= most;
            if !(whole || beginning) || known.has_digits && !digits {
                continue;
            }
            let text = self.get(known);
            let near = whole
                .then(|| distance(word, text))
                .flatten()
                .or_else(|| beginning.then(|| beginning_distance(word, text)).flatten());
            let near = near.filter(|near| near.edits <= most);
            let Some(near) = near.filter(|_| !digits || same_digits(word, text)) else {
                continue;
            };
            let nearest = best.first().map_or(usize::MAX, |(first, _)| first.edits);
            if near.edits < nearest {
                best.clear();
            }
            if near.edits <= nearest {
                best.push((near, known));
            }
        }
        best.sort_by_key(|(near, known)| (*near, std::cmp::Reverse(known.products)));
        let mut kept: Vec<&str> = Vec::new();
        for (near, known) in &best {
            let first = best.first().map(|(first, _)| *first);
            if kept.len() < MOST && first == Some(*near) {
                kept.push(self.get(known));
            }
        }
        kept
    }

    /// The fewest words of the vocabulary that written together are this one, as all ways to cut it
    /// in two.
    pub(super) fn cuts<'w>(&self, word: &'w str) -> Vec<(&'w str, &'w str)> {
        word.char_indices()
            .skip(1)
            .take(MAX_SPELT)
            .filter_map(|(at, _)| word.split_at_checked(at))
            .filter(|(first, second)| self.knows(first) && self.knows(second))
            .collect()
    }

    /// Whether the word or a form of it is there.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.has(word) || !self.forms(word).is_empty()
    }

    /// Whose stems a word has; words with digits or signs have none.
    fn algorithm(&self, word: &str) -> Option<Algorithm> {
        let first = word.chars().next()?;
        if !word.chars().all(char::is_alphabetic) || word.chars().nth(2).is_none() {
            return None;
        }
        match script(first) {
            Script::Latin => self.language,
            Script::Cyrillic => Some(Algorithm::Russian),
            Script::Greek => Some(Algorithm::Greek),
            Script::Arabic => Some(Algorithm::Arabic),
            Script::Tamil => Some(Algorithm::Tamil),
            _ => None,
        }
    }
}

/// The stems of a locale's words in the Latin script.
fn language(locale: &str) -> Option<Algorithm> {
    Some(match locale.split(['-', '_']).next().unwrap_or_default() {
        "da" => Algorithm::Danish,
        "nl" => Algorithm::Dutch,
        "en" => Algorithm::English,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "de" => Algorithm::German,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nb" | "nn" | "no" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "es" => Algorithm::Spanish,
        "sv" => Algorithm::Swedish,
        "tr" => Algorithm::Turkish,
        // What is Latin in a shop of another script is English, more often than not.
        "ar" | "bg" | "el" | "ru" | "sr" | "ta" | "uk" | "ja" | "ko" | "th" | "zh" | "he"
        | "hi" => Algorithm::English,
        _ => return None,
    })
}

fn stem_digest(stemmer: &Stemmer, algorithm: Algorithm, word: &str) -> u64 {
    let stem = stemmer.stem(word);
    // English writes the same sound in `knife` and `knives`.
    let digest = |text: &str| xxhash_rust::xxh3::xxh3_64(text.as_bytes());
    match algorithm {
        // One step is too short for a noun's plural.
        Algorithm::Greek => digest(&stemmer.stem(&stem)),
        Algorithm::English => {
            let stem = stem.strip_suffix('e').unwrap_or(&stem);
            match stem.strip_suffix('v') {
                Some(root) => digest(&format!("{root}f")),
                None => digest(stem),
            }
        }
        _ => digest(&stem),
    }
}

fn has_digits(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

fn same_digits(a: &str, b: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    digits(a) == digits(b)
}

/// A bit for each letter: one for each of a to z, the others for all further letters.
fn bits(word: &str) -> u64 {
    word.chars()
        .map(|letter| match letter {
            'a'..='z' => 1 << (u32::from(letter) - u32::from('a')),
            _ => 1 << (26 + u32::from(letter) % 38),
        })
        .fold(0, |bits, bit: u64| bits | bit)
}

/// How near two words are, when one may be a slip of the other: an edit in a word of four letters
/// or more, two in one of six or more that begins like the other; in shorter ones only letters
/// that have changed places.
fn distance(word: &str, known: &str) -> Option<Distance> {
    let edits = strsim::osa_distance(word, known);
    let (letters, others) = (word.chars().count(), known.chars().count());
    let same_beginning = word.chars().next() == known.chars().next();
    let swapped = letters == others && bits(word) == bits(known);
    let plausible = match (edits, letters.min(others)) {
        (0, _) => true,
        (1, 0..=3) => swapped && letters == 3 || letters == 4 && same_beginning,
        (1, 4) => same_beginning || swapped,
        (1, _) => true,
        (2, 0..=4) => false,
        (2, 5..=7) => same_beginning && strsim::jaro_winkler(word, known) >= 0.88,
        (2, _) => same_beginning,
        _ => false,
    };
    plausible.then_some(Distance {
        edits,
        other_beginning: !same_beginning,
        other_length: !swapped,
    })
}

/// How near a word is to the beginning of a longer one, for someone who still types.
fn beginning_distance(word: &str, known: &str) -> Option<Distance> {
    let letters = word.chars().count();
    if word.chars().next() != known.chars().next() {
        return None;
    }
    let most = if letters < 8 { 1 } else { 2 };
    (letters.saturating_sub(1)..=letters + 1)
        .filter_map(|length| known.char_indices().nth(length))
        .filter_map(|(end, _)| known.get(..end))
        .map(|beginning| strsim::osa_distance(word, beginning))
        .min()
        .filter(|edits| *edits <= most)
        .map(|edits| Distance {
            edits,
            other_beginning: false,
            other_length: true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(words: &str) -> Vocabulary {
        let words = words.split(' ').map(|word| (word.to_owned(), 1)).collect();
        Vocabulary::new(words, "en-GB")
    }

    #[test]
    fn forms_of_a_word_are_found_and_other_words_are_not() {
        let words = vocabulary("trowel trow berries knife knives potting pot bus busy чайники");
        assert_eq!(words.forms("trowels"), ["trowel"]);
        assert_eq!(words.forms("berry"), ["berries"]);
        assert_eq!(words.forms("knife"), ["knives"]);
        assert_eq!(words.forms("pots"), ["pot", "potting"]);
        assert_eq!(words.forms("чайник"), ["чайники"]);
        assert!(words.forms("buses").contains(&"bus"));
        assert!(words.forms("301").is_empty());
    }

    #[test]
    fn slips_are_corrected_and_numbers_and_nonsense_are_not() {
        let words = vocabulary(
            "trowel towel trowels mug mugs jug query secateurs porcelain bolt 1607 m8 ins114",
        );
        for (typed, meant) in [
            ("trowle", "trowel"),
            ("trwole", "trowel"),
            ("secatuers", "secateurs"),
            ("porcelan", "porcelain"),
            ("procelein", "porcelain"),
            ("bolr", "bolt"),
            ("mugg", "mug"),
            ("mgu", "mug"),
        ] {
            assert_eq!(words.nearest(typed, false).first(), Some(&meant), "{typed}");
        }
        for typed in ["qwerty", "xyz", "rug", "1608", "ins115", "asdfgh", "m9"] {
            assert!(words.nearest(typed, false).is_empty(), "{typed}");
        }
        assert_eq!(words.nearest("secatu", true), ["secateurs"]);
        assert!(words.nearest("secatu", false).is_empty());
    }

    #[test]
    fn words_written_together_are_cut_where_both_parts_are_known() {
        let words = vocabulary("wool sock t shirt tea pot blumentopf trowel");
        assert_eq!(words.cuts("woolsocks"), [("wool", "socks")]);
        assert_eq!(words.cuts("tshirt"), [("t", "shirt")]);
        assert!(words.cuts("teacup").is_empty());
        assert!(words.compounds("topf", false).is_empty());
        let german = Vocabulary::new(vec![("blumentopf".to_owned(), 1)], "de-AT");
        assert_eq!(german.compounds("topf", false), ["blumentopf"]);
    }

    #[test]
    fn every_word_is_found_at_its_place() {
        let words = vocabulary("a ab abc b ёлочка 茶");
        for word in ["a", "ab", "abc", "b", "ёлочка", "茶"] {
            assert!(words.has(word), "{word}");
        }
        assert!(!words.has("ac") && !words.has(""));
        assert!(words.has_beginning("ab") && words.has_beginning("a"));
        assert!(!words.has_beginning("abc") && !words.has_beginning("z"));
    }
}
