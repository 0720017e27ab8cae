using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>
/// Reads a map as rows, in memory order (row, column, channel). Shapes: input <c>[n, h, w, c]</c>, output <c>[n, h·w·c]</c>.
/// For the channel-major order of other frameworks use a <see cref="SpatialPyramidPool"/> of the map's own size.
/// </summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => new(input.Batch, input.RowLength);

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, input.View(OutputShape(input.Shape)));

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        // The output is a view of the input.
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        context.OutputGradient = outputGradient;
        context.InputGradient = outputGradient.View(context.Input.Shape);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        // The input gradient is a view of the output gradient.
    }
}
