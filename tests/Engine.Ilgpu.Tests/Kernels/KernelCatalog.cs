using System.Reflection;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Tests;

/// <summary>Every kernel of the backend, found by reflection, generic ones with the arguments that the backend uses.</summary>
internal static class KernelCatalog
{
    private static readonly Type[] s_packs = [typeof(One), typeof(Four), typeof(Winner), typeof(Winners4)];

    private static readonly Type[] s_tiles = [typeof(Tile128), typeof(Tile64), typeof(Tile32)];

    private static readonly (string Name, Type A, Type B, Type Store)[] s_products =
    [
        ("GemmNN", typeof(MatrixSource<Quads, DepthContiguous>), typeof(MatrixSource<Quads, OuterContiguous>), typeof(MatrixStore)),
        ("GemmNT", typeof(MatrixSource<Quads, DepthContiguous>), typeof(MatrixSource<Quads, DepthContiguous>), typeof(MatrixStore)),
        ("GemmTN", typeof(MatrixSource<Quads, OuterContiguous>), typeof(MatrixSource<Quads, OuterContiguous>), typeof(MatrixStore)),
        ("GemmTT", typeof(MatrixSource<Quads, OuterContiguous>), typeof(MatrixSource<Quads, DepthContiguous>), typeof(MatrixStore)),
        ("ConvForward", typeof(ConvSource<Quads, PatchRows>), typeof(MatrixSource<Quads, OuterContiguous>), typeof(MatrixStore)),
        ("ConvWeights", typeof(ConvSource<Quads, PatchColumns>), typeof(MatrixSource<Quads, OuterContiguous>), typeof(MatrixStore)),
        ("ConvInput", typeof(ConvSource<Quads, PhaseGradients>), typeof(ConvSource<Quads, PhaseWeights>), typeof(PhaseStore)),
        ("GemmNNSingles", typeof(MatrixSource<Singles, DepthContiguous>), typeof(MatrixSource<Singles, OuterContiguous>), typeof(MatrixStore)),
        ("GemmTTSingles", typeof(MatrixSource<Singles, OuterContiguous>), typeof(MatrixSource<Singles, DepthContiguous>), typeof(MatrixStore)),
        ("ConvForwardSingles", typeof(ConvSource<Singles, PatchRows>), typeof(MatrixSource<Singles, OuterContiguous>), typeof(MatrixStore)),
        ("ConvWeightsSingles", typeof(ConvSource<Singles, PatchColumns>), typeof(MatrixSource<Singles, OuterContiguous>), typeof(MatrixStore)),
        ("ConvInputSingles", typeof(ConvSource<Singles, PhaseGradients>), typeof(ConvSource<Singles, PhaseWeights>), typeof(PhaseStore)),
    ];

    public static IEnumerable<(string Name, MethodInfo Method)> All()
    {
        foreach (Type type in typeof(ProductKernel).Assembly.GetTypes())
        {
            if (!type.Name.EndsWith("Kernels", StringComparison.Ordinal)) continue;
            foreach (MethodInfo method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            {
                if (!IsKernel(method)) continue;
                if (!method.IsGenericMethodDefinition) yield return ($"{type.Name}.{method.Name}", method);
                else if (method.GetGenericArguments() is [var pack])
                    foreach (Type width in s_packs.Where(w => w.GetInterfaces()[0].GetGenericTypeDefinition() == pack.GetGenericParameterConstraints().First(c => c.IsGenericType).GetGenericTypeDefinition()))
                        yield return ($"{type.Name}.{method.Name}.{width.Name}", method.MakeGenericMethod(width));
            }
        }
        MethodInfo multiply = typeof(ProductKernel).GetMethod(nameof(ProductKernel.Multiply))!;
        foreach (Type tile in s_tiles)
            foreach (var (name, a, b, store) in s_products)
                yield return ($"{name}.{tile.Name}", multiply.MakeGenericMethod(tile, a, b, store));
        MethodInfo tensor = typeof(TensorProductKernel).GetMethod(nameof(TensorProductKernel.Multiply))!;
        foreach (Type precision in (Type[])[typeof(Tf32), typeof(Bf16)])
            foreach (var (name, a, b, store) in s_products)
                yield return ($"{name}.{precision.Name}", tensor.MakeGenericMethod(precision, a, b, store));
    }

    public static bool IsImplicit(MethodInfo method) => method.GetParameters()[0].ParameterType == typeof(Index1D);

    // Kernel classes hold kernels and nothing else that is public and returns nothing.
    private static bool IsKernel(MethodInfo method) => method.ReturnType == typeof(void) && method.GetParameters().Length > 0;
}
