namespace IlgpuSpp.Training.Tests.Running;

/// <summary>Passes its input on and remembers the shapes that training brought.</summary>
internal sealed class ShapeRecorder : Layer
{
    public List<Shape> Trained { get; } = [];

    public override Shape OutputShape(Shape input) => input;

    public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, input);

    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        if (plan.Training) Trained.Add(context.Input.Shape);
    }

    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        context.OutputGradient = outputGradient;
        context.InputGradient = outputGradient;
    }

    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
    }
}
