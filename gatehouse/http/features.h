/// Features — what one layer leaves in a request for another, by type.
#pragma once

#include <any>
#include <memory>
#include <typeinfo>
#include <utility>
#include <vector>

namespace gatehouse::http {

/// At most one value of each type; a handful at most, so a scan is the fastest look-up.
class Features {
 public:
  template <class T>
  T* find() const noexcept {
    for (const Slot& slot : slots_)
      if (*slot.type == typeid(T)) return static_cast<T*>(slot.value.get());
    return nullptr;
  }

  template <class T, class... Arguments>
  T& set(Arguments&&... arguments) {
    auto value = std::make_shared<T>(std::forward<Arguments>(arguments)...);
    T& feature = *value;
    for (Slot& slot : slots_) {
      if (*slot.type != typeid(T)) continue;
      slot.value = std::move(value);
      return feature;
    }
    slots_.push_back({&typeid(T), std::move(value)});
    return feature;
  }

  /// The feature, made empty when it is not there yet.
  template <class T>
  T& get_or_add() {
    T* found = find<T>();
    return found ? *found : set<T>();
  }

  void clear() noexcept { slots_.clear(); }

 private:
  struct Slot {
    const std::type_info* type;
    std::shared_ptr<void> value;
  };
  std::vector<Slot> slots_;
};

/// Statements about an endpoint that a layer above understands, in the order they were made.
class Metadata {
 public:
  template <class T>
  void add(T item) {
    items_.emplace_back(std::move(item));
  }

  template <class T>
  std::vector<const T*> all() const {
    std::vector<const T*> found;
    for (const std::any& item : items_)
      if (const T* typed = std::any_cast<T>(&item)) found.push_back(typed);
    return found;
  }

  template <class T>
  bool has() const noexcept {
    for (const std::any& item : items_)
      if (std::any_cast<T>(&item)) return true;
    return false;
  }

  void add_all(const Metadata& other) {
    items_.insert(items_.end(), other.items_.begin(), other.items_.end());
  }

 private:
  std::vector<std::any> items_;
};

}  // namespace gatehouse::http
