// A layer of one's own: Swish, y = x·sigmoid(x), with its gradient checked, and a network built from it that is saved, loaded
// again and written as ONNX.
//   dotnet run -c Release --project samples/CustomLayer
using IlgpuSpp;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

using var device = Device.Open("cpu");

foreach (GradientDisagreement worst in GradientChecker.Check(new Swish(), new Shape(2, 5, 5, 3), device))
    Console.WriteLine($"{worst.Tensor}: backward {worst.Analytic:F5}, finite difference {worst.Numeric:F5}, relative error {worst.RelativeError:E1}");

var net = new Sequential(
    new Conv2d(3, 16, kernel: 3, pad: 1), new Swish(), new MaxPool2d(2),
    new SpatialPyramidPool(1, 2, 4), new Linear(16 * 21, 10));
Console.Write(net.Summary(height: 48, width: 64));

// Model files hold the layers as data; a registry that knows the layer makes it again.
LayerRegistry registry = LayerRegistry.BuiltIn.With(Swish.TypeName, _ => new Swish());
var description = new ModelDescription { Architecture = "swish", Options = new ModelOptions { Classes = 10, Pyramid = [1, 2, 4] } };
using var model = new Model(description, net, device, seed: 1, registry);
ModelFile.Save("swish.safetensors", model);
using Model loaded = ModelFile.Load("swish.safetensors", device, registry);
Console.WriteLine($"loaded: {string.Join(", ", loaded.Network.Root.Children.Select(layer => layer.Kind))}");
OnnxExport.Write("swish.onnx", loaded, new OnnxExportOptions());
return 0;

internal sealed class Swish : Layer
{
    private static readonly Activation Sigmoid = new(ActivationKind.Sigmoid);

    public const string TypeName = "swish";

    // A layer with options adds them here, and its reader takes them from the description.
    public override LayerDescription Describe() => new(TypeName);

    // Elementwise: a response lies where the input's lies.
    public override ReceptiveField Receptive(ReceptiveField input) => input;

    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) =>
        graph.Node("Mul", name, [input.Name, graph.Node("Sigmoid", name + ".gate", [input.Name])]);

    public override Shape OutputShape(Shape input) => input;

    // Everything a pass needs is reserved here; running it allocates nothing.
    public override LayerContext Plan(Tensor input, PassPlan plan) =>
        new Saved(input, plan.Allocate(input.Shape), plan.Allocate(input.Shape));

    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        Tensor gate = ((Saved)context).Gate;
        plan.Backend.ActivationForward(Sigmoid, context.Input, gate);
        plan.Backend.Multiply(context.Input, gate, context.Output);
    }

    // dy/dx = s + x·s·(1 − s) with s the gate. The gradient of the output may be overwritten.
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is not { } dx) return;
        Tensor gate = ((Saved)context).Gate, dy = context.OutputGradient!;
        plan.Backend.Multiply(context.Input, dy, dx);
        plan.Backend.ActivationBackward(Sigmoid, gate, dx, dx);
        plan.Backend.Multiply(dy, gate, dy);
        plan.Backend.Add(dx, dy, dx);
    }

    private sealed class Saved(Tensor input, Tensor output, Tensor gate) : LayerContext(input, output)
    {
        public Tensor Gate { get; } = gate;
    }
}
