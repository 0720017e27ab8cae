namespace IlgpuSpp.Layers;

/// <summary>The worst disagreement of one tensor.</summary>
/// <param name="Tensor">A parameter's name, or <c>input</c>.</param>
/// <param name="Element">The element.</param>
/// <param name="Analytic">What the backward pass says.</param>
/// <param name="Numeric">What the finite difference says.</param>
/// <param name="RelativeError">|analytic − numeric| / max(1, |analytic|, |numeric|).</param>
public sealed record GradientDisagreement(string Tensor, long Element, double Analytic, double Numeric, double RelativeError);

/// <summary>
/// Compares a layer's backward pass with central differences of its forward pass: d/dx Σ r·y for random weights r. For
/// those who write a layer of their own. Kinks (ReLU at 0, ties of a maximum) make finite differences disagree; use
/// an input without them.
/// </summary>
public static class GradientChecker
{
    /// <summary>Checks the input gradient and every trainable parameter's.</summary>
    /// <param name="layer">The layer; it is built into a network of its own.</param>
    /// <param name="input">Shape of the input.</param>
    /// <param name="backend">Where to run.</param>
    /// <param name="values">Input values; by default standard normal ones.</param>
    /// <param name="samples">Elements tried in each tensor, spread over it.</param>
    /// <param name="step">Half the distance of the two points of a finite difference.</param>
    /// <param name="seed">Seed of the input and of the weights of the sum that is differentiated.</param>
    /// <returns>The worst element of each tensor, the input first.</returns>
    public static IReadOnlyList<GradientDisagreement> Check(Layer layer, Shape input, Backend backend, float[]? values = null, int samples = 24, float step = 1e-2f, ulong seed = 1)
    {
        using var network = new Network(layer, backend, seed);
        network.PrepareTraining();
        using var plan = new PassPlan(backend, PassMode.Training);
        using Tensor x = backend.Allocate(input);
        if (values is null) backend.FillNormal(x, 0, 1, new RandomKey(seed, 0x4000_0000, 0));
        else x.Upload(values);
        LayerContext context = layer.Plan(x, plan);
        using Tensor weights = backend.Allocate(context.Output.Shape);
        backend.FillNormal(weights, 0, 1, new RandomKey(seed, 0x4000_0001, 0));
        float[] r = weights.ToArray();
        var state = new PassState(seed, 1);
        Tensor outputGradient = plan.Allocate(context.Output.Shape);
        layer.PlanBackward(context, outputGradient, plan, needInputGradient: true);

        layer.Forward(context, plan, state);
        outputGradient.Upload(r);
        layer.Backward(context, plan, state);

        var results = new List<GradientDisagreement> { Worst("input", x, context.InputGradient!.ToArray()) };
        foreach (Parameter parameter in network.Parameters.Where(p => p.Trainable))
            results.Add(Worst(parameter.FullName, parameter.Value, parameter.Gradient.ToArray()));
        return results;

        GradientDisagreement Worst(string name, Tensor tensor, float[] analytic)
        {
            float[] held = tensor.ToArray();
            var worst = new GradientDisagreement(name, 0, 0, 0, -1);
            long stride = Math.Max(1, held.Length / samples);
            for (long i = 0; i < held.Length; i += stride)
            {
                float kept = held[i];
                held[i] = kept + step;
                float high = held[i];
                double above = Value(tensor, held);
                held[i] = kept - step;
                float low = held[i];
                double below = Value(tensor, held);
                held[i] = kept;
                double numeric = (above - below) / ((double)high - low);
                double error = Math.Abs(analytic[i] - numeric) / Math.Max(1, Math.Max(Math.Abs(analytic[i]), Math.Abs(numeric)));
                if (!(error <= worst.RelativeError)) worst = new GradientDisagreement(name, i, analytic[i], numeric, error);
            }
            tensor.Upload(held);
            return worst;
        }

        double Value(Tensor tensor, float[] changed)
        {
            tensor.Upload(changed);
            layer.Forward(context, plan, state);
            float[] y = context.Output.ToArray();
            double sum = 0;
            for (int i = 0; i < y.Length; i++) sum += (double)r[i] * y[i];
            return sum;
        }
    }
}
