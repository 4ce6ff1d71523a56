//! The script that purges, called for new purges and for those that were queued during an outage.

use std::sync::atomic::Ordering;

use redis::ScriptInvocation;

use super::link::Link;
use super::scripts;
use crate::purge::Purge;

pub(super) fn purge_script(link: &Link, purge: &Purge) -> ScriptInvocation<'static> {
    let knows_flag = link.limits.allows_oom.load(Ordering::Relaxed);

    let mut script = scripts::PURGE.of(knows_flag).prepare_invoke();
    for what in ["gen", "pre", "log"] {
        script.key(link.shop_key(what));
    }
    script
        .arg(purge.kind())
        .arg(u8::from(purge.soft))
        .arg(purge.name())
        .arg(&link.node)
        .arg(link.shop_key("purges"));
    script
}
