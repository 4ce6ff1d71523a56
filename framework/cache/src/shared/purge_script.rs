//! The script that purges, called for new purges and for those that were queued during an outage.

use std::sync::atomic::Ordering;

use redis::ScriptInvocation;

use super::link::Link;
use super::scripts;
use crate::purge::{Purge, Scope};

pub(super) fn purge_script(link: &Link, purge: &Purge) -> ScriptInvocation<'static> {
    let knows_flag = link.limits.allows_oom.load(Ordering::Relaxed);
    let (scope, name) = match &purge.scope {
        Scope::Tag(name) => ("tag", name.as_str()),
        Scope::Prefix(name) => ("prefix", name.as_str()),
        Scope::All => ("all", ""),
    };
    let mut script = scripts::PURGE.of(knows_flag).prepare_invoke();
    for what in ["gen", "pre", "log"] {
        script.key(link.shop_key(what));
    }
    script
        .arg(scope)
        .arg(u8::from(purge.soft))
        .arg(name)
        .arg(&link.node)
        .arg(link.shop_key("purges"));
    script
}
