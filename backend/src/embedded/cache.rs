//! A bounded cache of two generations: what was not asked for while a generation filled falls out with it.
//!
//! Simple and without a lock of its own; holds at most `2 × half` values.

use std::collections::HashMap;
use std::hash::Hash;

/// See the module.
pub(super) struct Cache<K, V> {
    half: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    pub(super) fn new(half: usize) -> Cache<K, V> {
        Cache { half, young: HashMap::new(), old: HashMap::new() }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.insert(key.clone(), value.clone());
        Some(value)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.old.remove(&key);
        self.young.insert(key, value);
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_keeps_what_is_asked_for() {
        let mut cache = Cache::new(10);
        for n in 0..1000 {
            cache.insert(n, n);
            assert!(n < 5 || cache.get(&4).is_some());
            assert!(cache.young.len() + cache.old.len() <= 20);
        }
        assert_eq!(cache.get(&0), None);
        cache.remove(&4);
        assert_eq!(cache.get(&4), None);
        assert!(cache.get(&999).is_some());
    }
}
