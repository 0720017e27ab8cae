using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>Average pooling. Shapes: as <see cref="MaxPool2d"/>.</summary>
public sealed class AveragePool2d : Layer
{
    /// <summary>Creates the layer.</summary>
    /// <param name="kernel">Side of the square window.</param>
    /// <param name="stride">Distance between windows; 0 means the window's side.</param>
    /// <param name="pad">Padding around the map.</param>
    /// <param name="rounding">How the number of windows is rounded.</param>
    /// <param name="divisor">What a window's sum is divided by.</param>
    public AveragePool2d(int kernel, int stride = 0, int pad = 0, PoolRounding rounding = PoolRounding.Floor, AveragePoolDivisor divisor = AveragePoolDivisor.Valid)
        : this(PoolGeometry.Square(kernel, stride == 0 ? kernel : stride, pad, rounding), divisor)
    {
    }

    /// <summary>Creates the layer with any geometry.</summary>
    /// <param name="geometry">The windows.</param>
    /// <param name="divisor">What a window's sum is divided by.</param>
    public AveragePool2d(PoolGeometry geometry, AveragePoolDivisor divisor = AveragePoolDivisor.Valid)
    {
        Geometry = geometry;
        Divisor = divisor;
    }

    /// <summary>The windows.</summary>
    public PoolGeometry Geometry { get; }

    /// <summary>What a window's sum is divided by.</summary>
    public AveragePoolDivisor Divisor { get; }

    /// <inheritdoc/>
    public override string Kind => $"AveragePool2d {Geometry.KernelHeight}x{Geometry.KernelWidth}/{Geometry.StrideHeight}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => ShapeRules.Pool(input, Geometry);

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, plan.Allocate(OutputShape(input.Shape)));

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.AveragePoolForward(context.Input, context.Output, Geometry, Divisor);

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is { } inputGradient)
            plan.Backend.AveragePoolBackward(context.OutputGradient!, inputGradient, Geometry, Divisor);
    }
}
