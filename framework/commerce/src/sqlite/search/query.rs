//! What a visitor's words ask for: for each word the terms that answer it, in the query language of
//! the index. Nothing of the visitor's text reaches that language but terms in quotation marks, and
//! a term has no such mark.

use super::terms::{self, Atom, Chunk, Kind};
use super::vocabulary::Vocabulary;

/// Most words of a query that count.
const MAX_WORDS: usize = 8;

/// Most atoms of a query that count.
const MAX_ATOMS: usize = 32;

/// Words that may have been written apart.
const JOINED: usize = 4;

/// Most ways to cut a word in two that are tried.
const MAX_CUTS: usize = 8;

/// How a query is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    /// The last word may not be finished.
    pub typing: bool,
    /// The words are meant as they are typed.
    pub exact: bool,
}

/// What answers one word of the query.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// As the visitor typed it.
    pub typed: String,
    /// Expressions for the word itself and its forms.
    pub sharp: Vec<String>,
    /// Expressions for what the word is only a part of.
    pub loose: Vec<String>,
    /// The words that took its place, when it is no word of the shop.
    pub corrected: Option<String>,
    /// The term, when it is a single one.
    term: Option<String>,
}

impl Group {
    fn new(typed: &str) -> Self {
        Self {
            typed: typed.to_owned(),
            sharp: Vec::new(),
            loose: Vec::new(),
            corrected: None,
            term: None,
        }
    }

    /// Whether nothing in the shop answers it.
    pub fn is_unknown(&self) -> bool {
        self.sharp.is_empty() && self.loose.is_empty()
    }

    /// Everything that answers it, the word itself or a part.
    pub fn any(&self) -> String {
        any_of(self.sharp.iter().chain(&self.loose))
    }

    /// The word itself, else what it is a part of.
    fn sharpest(&self) -> String {
        match self.sharp.is_empty() {
            true => any_of(&self.loose),
            false => any_of(&self.sharp),
        }
    }
}

fn any_of<'a>(expressions: impl IntoIterator<Item = &'a String>) -> String {
    let mut unique: Vec<&str> = Vec::new();
    for expression in expressions {
        if !unique.contains(&expression.as_str()) {
            unique.push(expression);
        }
    }
    match unique.as_slice() {
        [only] => (*only).to_owned(),
        several => format!("({})", several.join(" OR ")),
    }
}

fn all_of(expressions: impl IntoIterator<Item = String>) -> String {
    let expressions: Vec<String> = expressions.into_iter().collect();
    match expressions.as_slice() {
        [only] => only.clone(),
        several => format!("({})", several.join(" AND ")),
    }
}

fn term(text: &str) -> String {
    format!("\"{text}\"")
}

fn beginning(text: &str) -> String {
    format!("\"{text}\"*")
}

/// A query as it is understood.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub groups: Vec<Group>,
}

impl Plan {
    /// Products that have all words themselves.
    pub fn sharp(&self) -> String {
        all_of(self.groups.iter().map(Group::sharpest))
    }

    /// Products that have all words, or what they are part of; `None` where that is the same.
    pub fn loose(&self) -> Option<String> {
        let differs = |group: &Group| !group.sharp.is_empty() && !group.loose.is_empty();
        let differs = self.groups.iter().any(differs);
        differs.then(|| all_of(self.groups.iter().map(Group::any)))
    }

    pub fn has_unknown(&self) -> bool {
        self.groups.iter().any(Group::is_unknown)
    }

    /// The query with the words that took the place of others, when any did.
    pub fn corrected(&self) -> Option<String> {
        let differs = self.groups.iter().any(|group| group.corrected.is_some());
        differs.then(|| {
            let words: Vec<&str> = self
                .groups
                .iter()
                .map(|group| group.corrected.as_deref().unwrap_or(&group.typed))
                .collect();
            words.join(" ")
        })
    }
}

/// Reads queries against a vocabulary; without one, words are what they are.
pub(super) struct Reader<'a> {
    pub words: Option<&'a Vocabulary>,
    pub reading: Reading,
    /// Whether any product answers an expression.
    pub exists: &'a dyn Fn(&str) -> rusqlite::Result<bool>,
}

/// A word of the query between spaces.
struct Piece<'q> {
    typed: &'q str,
    chunk: Chunk,
}

impl Reader<'_> {
    pub fn read(&self, query: &str) -> rusqlite::Result<Plan> {
        let mut atoms = 0;
        let pieces: Vec<Piece<'_>> = query
            .split_whitespace()
            .filter_map(|typed| {
                let chunk = terms::chunks(typed).into_iter().next()?;
                Some(Piece { typed, chunk })
            })
            .take(MAX_WORDS)
            .take_while(|piece| {
                atoms += piece.chunk.atoms.len();
                atoms <= MAX_ATOMS
            })
            .collect();
        let mut groups = Vec::new();
        let mut at = 0;
        while let Some(rest) = pieces.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some((length, group)) = self.written_apart(rest)? {
                groups.push(group);
                at += length;
                continue;
            }
            let is_last = rest.len() == 1;
            if let Some(piece) = rest.first() {
                groups.extend(self.piece(piece, is_last, !self.reading.exact)?);
            }
            at += 1;
        }
        Ok(Plan { groups })
    }

    /// The first words as one, when the shop writes them together: `t shirt`, `16 07`.
    fn written_apart(&self, pieces: &[Piece<'_>]) -> rusqlite::Result<Option<(usize, Group)>> {
        let Some(words) = self.words else {
            return Ok(None);
        };
        let is_number = |piece: &&Piece<'_>| {
            piece
                .chunk
                .atoms
                .iter()
                .all(|atom| atom.kind == Kind::Digits)
        };
        let numbers = pieces.iter().take_while(is_number).count();
        for length in (2..=pieces.len().min(numbers.max(JOINED))).rev() {
            let Some(pieces) = pieces.get(..length) else {
                continue;
            };
            let atoms: Vec<Atom> = pieces
                .iter()
                .flat_map(|piece| piece.chunk.atoms.iter().cloned())
                .collect();
            if !atoms.iter().all(Atom::joins) {
                continue;
            }
            let Some(joined) = terms::joined(&atoms) else {
                continue;
            };
            let mut sharp = self.itself(&joined);
            if sharp.is_empty()
                && numbers == length
                && joined.len() >= 8
                && words.has_beginning(&joined)
            {
                sharp.push(beginning(&joined));
            }
            if sharp.is_empty() {
                continue;
            }
            let typed: Vec<&str> = pieces.iter().map(|piece| piece.typed).collect();
            let mut group = Group::new(&typed.join(" "));
            let mut parts = Vec::new();
            for piece in pieces {
                parts.extend(self.piece(piece, false, false)?);
            }
            if parts.iter().all(|part| !part.sharp.is_empty()) {
                sharp.push(all_of(parts.iter().map(Group::sharpest)));
            } else if !parts.iter().any(Group::is_unknown) {
                group.loose.push(all_of(parts.iter().map(Group::any)));
            }
            group.sharp = sharp;
            return Ok(Some((length, group)));
        }
        Ok(None)
    }

    fn piece(
        &self,
        piece: &Piece<'_>,
        is_last: bool,
        correcting: bool,
    ) -> rusqlite::Result<Vec<Group>> {
        let Piece { typed, chunk } = piece;
        if let (Some(signed), Some(words)) = (&chunk.signed, self.words)
            && words.has(signed)
        {
            let mut group = Group::new(typed);
            group.sharp.push(term(signed));
            return Ok(vec![group]);
        }
        let mut groups = Vec::new();
        let is_whole = chunk.atoms.iter().all(Atom::joins);
        for row in chunk.atoms.chunk_by(|a, b| a.joins() && b.joins()) {
            let shown: String = row.iter().map(|atom| atom.text.as_str()).collect();
            let shown = if is_whole { typed } else { shown.as_str() };
            match row {
                [atom] if atom.kind == Kind::Run => groups.push(self.run(shown, &atom.text)),
                [atom] if atom.kind == Kind::Symbol => {
                    let mut group = Group::new(shown);
                    group.sharp = self.itself(&atom.text);
                    groups.push(group);
                }
                [atom] => groups.push(self.word(shown, &atom.text, is_last, correcting)?),
                atoms => groups.extend(self.row(shown, atoms, is_last, correcting)?),
            }
        }
        Ok(groups)
    }

    /// The term and its forms, as far as the shop has them.
    fn itself(&self, text: &str) -> Vec<String> {
        let Some(words) = self.words else {
            return vec![term(text)];
        };
        let short = terms::without_zeros(text).filter(|short| words.has(short));
        let own = words.has(text).then_some(text);
        own.into_iter()
            .chain(short)
            .chain(words.forms(text))
            .map(term)
            .collect()
    }

    /// A word of letters, or a number.
    fn word(
        &self,
        typed: &str,
        text: &str,
        is_last: bool,
        correcting: bool,
    ) -> rusqlite::Result<Group> {
        let mut group = Group::new(typed);
        group.term = Some(text.to_owned());
        group.sharp = self.itself(text);
        let begins = self.words.is_none_or(|words| words.has_beginning(text));
        let letters = text.chars().count();
        let is_wide = match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => letters < 3,
            false => letters < 2,
        };
        // Words of a finished query that the shop has are not the beginning of others, but the last
        // one may be.
        if begins && (group.sharp.is_empty() || is_last && (self.reading.typing || !is_wide)) {
            group.loose.push(beginning(text));
        }
        if group.is_unknown() && correcting {
            self.correct(&mut group, text, is_last)?;
        }
        Ok(group)
    }

    /// Finds what a word that the shop does not have was meant to be.
    fn correct(&self, group: &mut Group, text: &str, is_last: bool) -> rusqlite::Result<()> {
        let Some(words) = self.words else {
            return Ok(());
        };
        let mut cuts = words.cuts(text);
        cuts.sort_by_key(|(first, second)| std::cmp::Reverse(first.len().min(second.len())));
        for (first, second) in cuts.into_iter().take(MAX_CUTS) {
            let (one, two) = (any_of(&self.itself(first)), any_of(&self.itself(second)));
            let both = all_of([one, two]);
            let is_long = [first, second]
                .iter()
                .all(|part| part.chars().nth(2).is_some());
            let evidence = match is_long {
                true => both.clone(),
                // A short part says little unless it stands beside the other.
                false => format!("\"{first} {second}\""),
            };
            if (self.exists)(&evidence)? {
                group.sharp.push(both);
                group.corrected = Some(format!("{first} {second}"));
                return Ok(());
            }
        }
        let compounds = |anywhere| -> Vec<String> {
            let found = words.compounds(text, anywhere);
            found.into_iter().map(term).collect()
        };
        group.loose = compounds(false);
        if group.loose.is_empty()
            && !self.respell(group, text, self.reading.typing && is_last)
            && !(is_last && self.respell(group, text, true))
        {
            group.loose = compounds(true);
        }
        Ok(())
    }

    /// Puts the nearest words in place of a word.
    fn respell(&self, group: &mut Group, text: &str, begins: bool) -> bool {
        let Some(words) = self.words else {
            return false;
        };
        let near = words.nearest(text, begins);
        let Some(first) = near.first() else {
            return false;
        };
        group.corrected = Some((*first).to_owned());
        group.sharp = near.iter().flat_map(|word| self.itself(word)).collect();
        group.loose.clear();
        true
    }

    /// Letters and digits without a space between them: `M8x40`, `16-07`, `L'Oréal`.
    fn row(
        &self,
        typed: &str,
        atoms: &[Atom],
        is_last: bool,
        correcting: bool,
    ) -> rusqlite::Result<Vec<Group>> {
        let mut group = Group::new(typed);
        if let Some(joined) = terms::joined(atoms) {
            group.sharp = self.itself(&joined);
            if self.words.is_none_or(|words| words.has_beginning(&joined)) {
                group.loose.push(beginning(&joined));
            }
        }
        let apart: Vec<Vec<String>> = atoms.iter().map(|atom| self.itself(&atom.text)).collect();
        if apart.iter().all(|forms| !forms.is_empty()) {
            group.loose.push(all_of(apart.iter().map(any_of)));
        }
        if !group.is_unknown() || self.words.is_none() {
            return Ok(vec![group]);
        }
        // Not known as a whole: the longest parts that are, and words of their own. What is left of
        // a number says nothing.
        let is_number = atoms.iter().any(|atom| atom.kind == Kind::Digits);
        let mut groups = Vec::new();
        let mut left = String::new();
        let mut at = 0;
        while let Some(rest) = atoms.get(at..).filter(|rest| !rest.is_empty()) {
            let part = (2..=rest.len()).rev().find_map(|length| {
                let part = rest.get(..length)?;
                let says = !is_number || part.iter().any(|atom| atom.kind == Kind::Digits);
                let joined = terms::joined(part)?;
                (says && !self.itself(&joined).is_empty()).then_some((length, joined))
            });
            let word = rest.first().filter(|atom| atom.is_word(is_number));
            let (length, text) = match (part, word) {
                (Some(part), _) => part,
                (None, Some(atom)) => (1, atom.text.clone()),
                (None, None) => {
                    left.extend(rest.first().map(|atom| atom.text.as_str()));
                    at += 1;
                    continue;
                }
            };
            at += length;
            let is_last = is_last && at == atoms.len();
            groups.push(self.word(&text, &text, is_last, correcting)?);
        }
        if !left.is_empty() {
            groups.push(Group::new(&left));
        }
        Ok(groups)
    }

    /// Characters of a script without spaces: where they stand side by side, else where all or most
    /// of their pairs are.
    fn run(&self, typed: &str, text: &str) -> Group {
        let mut group = Group::new(typed);
        let pairs = terms::pairs(text);
        if text.chars().nth(1).is_none() {
            let is_known = |words: &Vocabulary| words.has(text) || words.has_beginning(text);
            if self.words.is_none_or(is_known) {
                group.sharp.push(beginning(text));
            }
            return group;
        }
        let known: Vec<&str> = pairs
            .iter()
            .copied()
            .filter(|pair| self.words.is_none_or(|words| words.has(pair)))
            .collect();
        if known.len() == pairs.len() {
            group.sharp.push(term(&pairs.join(" ")));
        }
        if pairs.len() > 1 && known.len() * 2 >= pairs.len() {
            group.loose.push(all_of(known.into_iter().map(term)));
        }
        group
    }

    /// The plan with other words for those that are only the beginning of a word: `capp` for `cap`.
    pub fn respelt(&self, plan: &Plan) -> Option<Plan> {
        let mut groups = plan.groups.clone();
        let mut changed = false;
        for group in &mut groups {
            if let (true, Some(text)) = (group.sharp.is_empty(), group.term.clone()) {
                changed |= self.respell(group, &text, false);
            }
        }
        changed.then_some(Plan { groups })
    }
}
