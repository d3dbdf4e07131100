/// ServiceCollection — the application's singletons by type, frozen by build().
#pragma once

#include <memory>
#include <typeindex>
#include <typeinfo>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatehouse::http {

// Thrown in a source, so that the header compiles where exceptions are off.
[[noreturn]] void throw_no_service(const std::type_info& type);

/// Singletons only. They go in reverse order of their making, so one may borrow those made before it.
class ServiceCollection {
 public:
  ServiceCollection() = default;
  ServiceCollection(ServiceCollection&&) = default;
  ServiceCollection& operator=(ServiceCollection&&) = delete;
  ~ServiceCollection() {
    while (!owned_.empty()) owned_.pop_back();
  }

  template <class T, class... Arguments>
  T& add_singleton(Arguments&&... arguments) {
    auto made = std::make_shared<T>(std::forward<Arguments>(arguments)...);
    T& service = *made;
    owned_.push_back(std::move(made));
    by_type_[typeid(T)] = &service;
    return service;
  }

  /// `service` is borrowed and must outlive the application. Also names an implementation by its interface.
  template <class T>
  void add_reference(T& service) {
    by_type_[typeid(T)] = &service;
  }

  template <class T>
  T* find() const noexcept {
    const auto found = by_type_.find(typeid(T));
    return found == by_type_.end() ? nullptr : static_cast<T*>(found->second);
  }

  /// Throws std::logic_error naming the type when nobody added it: a defect of the program, found at its
  /// first request.
  template <class T>
  T& get() const {
    if (T* service = find<T>()) return *service;
    throw_no_service(typeid(T));
  }

 private:
  std::vector<std::shared_ptr<void>> owned_;
  std::unordered_map<std::type_index, void*> by_type_;
};

}  // namespace gatehouse::http
