#include "compiler/combine.h"
#include "compiler/fold_scale.h"
#include "compiler/fuse_batch_norm.h"
#include "compiler/fuse_elementwise.h"
#include "compiler/fuse_epilogue.h"
#include "compiler/fuse_pool.h"
#include "compiler/passes.h"

namespace sinew::compiler {

Graph fuse(const Graph& graph) {
  return combine(fuse_elementwise(fuse_pool(fuse_epilogue(fold_scale(fuse_batch_norm(graph))))));
}

}  // namespace sinew::compiler
