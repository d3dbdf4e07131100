/// Features — what one layer leaves in a request for another, by type.
#pragma once

#include <any>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <typeinfo>
#include <utility>
#include <vector>

namespace gatehouse::http {

/// At most one value of each type; a handful at most, so a scan is the fastest look-up. They live in the
/// request itself as long as there is room, so that leaving one costs no allocation, and stay where they are
/// until clear().
class Features {
 public:
  Features() = default;
  Features(const Features&) = delete;
  Features& operator=(const Features&) = delete;
  ~Features() { destroy_all(); }

  template <class T>
  T* find() const noexcept {
    for (Slot* slot = newest_; slot; slot = slot->next)
      if (*slot->type == typeid(T)) return &static_cast<Holder<T>*>(slot)->value;
    return nullptr;
  }

  template <class T, class... Arguments>
  T& set(Arguments&&... arguments) {
    if (T* found = find<T>()) return *found = T(std::forward<Arguments>(arguments)...);
    void* place = memory_.allocate(sizeof(Holder<T>), alignof(Holder<T>));
    auto* holder = new (place) Holder<T>(std::forward<Arguments>(arguments)...);
    holder->next = std::exchange(newest_, holder);
    return holder->value;
  }

  /// The feature, made empty when it is not there yet.
  template <class T>
  T& get_or_add() {
    T* found = find<T>();
    return found ? *found : set<T>();
  }

  void clear() noexcept {
    destroy_all();
    memory_.release();
  }

 private:
  struct Slot {
    const std::type_info* type;
    void (*destroy)(Slot*) noexcept;
    Slot* next = nullptr;
  };

  template <class T>
  struct Holder : Slot {
    template <class... Arguments>
    explicit Holder(Arguments&&... arguments)
        : Slot{&typeid(T), [](Slot* slot) noexcept { static_cast<Holder*>(slot)->~Holder(); }},
          value(std::forward<Arguments>(arguments)...) {}
    T value;
  };

  void destroy_all() noexcept {
    while (Slot* slot = newest_) {
      newest_ = slot->next;
      slot->destroy(slot);
    }
  }

  static constexpr std::size_t room = 1024;
  alignas(std::max_align_t) std::array<std::byte, room> buffer_;
  std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
  Slot* newest_ = nullptr;
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
