//! Templates, the splice, the snapshot, the document head.
