// Several data sets as one.

#include "data/dataset/node.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

std::vector<StreamPtr> open_all(const std::vector<NodePtr>& nodes, Pass pass) {
  std::vector<StreamPtr> streams;
  for (const NodePtr& node : nodes) streams.push_back(node->open(pass));
  return streams;
}

class ZipStream : public ElementStream {
 public:
  explicit ZipStream(std::vector<StreamPtr> inputs) : inputs_(std::move(inputs)) {}
  bool next(Element& element) override {
    if (ended_) return false;
    element.clear();
    Element part;
    for (const StreamPtr& input : inputs_) {
      if (!input->next(part)) {
        ended_ = true;
        return false;
      }
      element.insert(element.end(), part.begin(), part.end());
    }
    return true;
  }
  std::int64_t skip(std::int64_t count) override {
    for (const StreamPtr& input : inputs_) count = std::min(count, input->skip(count));
    return count;
  }

 private:
  std::vector<StreamPtr> inputs_;
  bool ended_ = false;
};

class Zipped : public Dataset::Node {
 public:
  explicit Zipped(std::vector<NodePtr> inputs) : inputs_(std::move(inputs)) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<ZipStream>(open_all(inputs_, pass));
  }
  std::optional<std::int64_t> size() const override {
    std::optional<std::int64_t> least = kEndless;
    for (const NodePtr& input : inputs_) {
      const std::optional<std::int64_t> size = input->size();
      if (!size) return {};
      if (*size != kEndless && (*least == kEndless || *size < *least)) least = size;
    }
    return least;
  }

 private:
  std::vector<NodePtr> inputs_;
};

class ConcatenatedStream : public ElementStream {
 public:
  explicit ConcatenatedStream(std::vector<StreamPtr> inputs) : inputs_(std::move(inputs)) {}
  bool next(Element& element) override {
    for (; at_ < inputs_.size(); ++at_) {
      if (inputs_[at_]->next(element)) return true;
    }
    return false;
  }
  std::int64_t skip(std::int64_t count) override {
    std::int64_t skipped = 0;
    for (; at_ < inputs_.size(); ++at_) {
      skipped += inputs_[at_]->skip(count - skipped);
      if (skipped == count) break;
    }
    return skipped;
  }

 private:
  std::vector<StreamPtr> inputs_;
  std::size_t at_ = 0;
};

class Concatenated : public Dataset::Node {
 public:
  Concatenated(NodePtr first, NodePtr second) : inputs_{std::move(first), std::move(second)} {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<ConcatenatedStream>(open_all(inputs_, pass));
  }
  std::optional<std::int64_t> size() const override {
    return of_size(inputs_[0]->size(), [this](std::int64_t first) -> std::optional<std::int64_t> {
      return of_size(inputs_[1]->size(), [first](std::int64_t second) { return first + second; });
    });
  }

 private:
  std::vector<NodePtr> inputs_;
};

}  // namespace

Dataset Dataset::zip(const std::vector<Dataset>& sets) {
  if (sets.empty()) throw ValueError("Dataset::zip: there are no data sets");
  std::vector<NodePtr> inputs;
  for (const Dataset& set : sets) inputs.push_back(set.node_);
  return made<Zipped>(std::move(inputs));
}

Dataset Dataset::concatenate(const Dataset& next) const {
  return made<Concatenated>(node_, next.node_);
}

}  // namespace sinew::data
