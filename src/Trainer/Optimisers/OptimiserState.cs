using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Training;

/// <summary>A tensor that an optimiser keeps for a parameter.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Name">What it is, e.g. <c>velocity</c>.</param>
/// <param name="Tensor">The values, of the parameter's shape.</param>
public sealed record OptimiserState(Parameter Parameter, string Name, Tensor Tensor);
