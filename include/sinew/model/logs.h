#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sinew {

/// Named results of a batch, an epoch or an evaluation, in Keras's order: "loss", losses of single
/// outputs, metrics, then the same of the validation data with the prefix "val_".
class Logs {
 public:
  using Entry = std::pair<std::string, double>;

  /// Sets or appends.
  void set(std::string_view name, double value);
  /// Null when there is no such result.
  const double* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Throws ValueError naming the results there are.
  double operator[](std::string_view name) const;

  void clear() { entries_.clear(); }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  /// The value at a position, for results that are refreshed at every batch without a look-up.
  void set_at(std::size_t index, double value) { entries_[index].second = value; }

 private:
  std::vector<Entry> entries_;
};

/// What fit() returns: the epochs that were run and, for each name, one value an epoch.
class History {
 public:
  /// Numbers of the epochs, from 0.
  std::vector<int> epoch;

  void append(int epoch_number, const Logs& logs);
  /// One value an epoch; throws ValueError naming what there is.
  const std::vector<double>& operator[](std::string_view name) const;
  bool has(std::string_view name) const;
  /// Names and series in the order of their first appearance.
  const std::vector<std::pair<std::string, std::vector<double>>>& series() const { return series_; }

 private:
  std::vector<std::pair<std::string, std::vector<double>>> series_;
};

}  // namespace sinew
