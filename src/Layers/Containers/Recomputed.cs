namespace IlgpuSpp.Layers;

/// <summary>
/// A part of a chain whose activations are not kept between its forward and its backward pass: the backward pass runs it forward once more from its input (Chen, Xu,
/// Zhang, Guestrin, <em>Training Deep Nets with Sublinear Memory Cost</em>, section 4). The same numbers come out, to the bit. Made for one training pass (<see cref="Chain"/>);
/// models never hold it. Shapes: those of the part.
/// </summary>
internal sealed class Recomputed : Layer
{
    private readonly Sequential _part;

    private Recomputed(Layer[] layers)
    {
        _part = new Sequential(layers);
        Name = layers[0].Name;
        Children = [_part];
    }

    public override IReadOnlyList<Layer> Children { get; }

    /// <summary>
    /// The layers of a chain in parts, cut so that a training pass takes the least memory. The last part is left as it is, because its backward pass follows at once; so is
    /// the whole chain where no cut helps.
    /// </summary>
    /// <param name="root">The network, or the part of it that the pass goes through.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="bytes">Bytes of a training pass through layers.</param>
    public static Layer Chain(Layer root, Shape input, Func<Layer, long> bytes)
    {
        if (root is not Sequential { Children: [_, _, ..] } chain) return root;
        List<Layer[]> pieces = Pieces(chain);
        var sizes = new long[pieces.Count];
        for (int i = 0; i < pieces.Count; i++)
            foreach (Layer layer in pieces[i])
            {
                sizes[i] += LayerSummary.Of(layer, input).ActivationBytes;
                input = layer.OutputShape(input);
            }
        Layer best = root;
        long least = bytes(root);
        foreach (int[] starts in Cuts(sizes))
        {
            Layer cut = Parts(pieces, starts);
            if (bytes(cut) is var taken && taken >= least) continue;
            (best, least) = (cut, taken);
        }
        return best;
    }

    private static Sequential Parts(List<Layer[]> pieces, int[] starts)
    {
        var parts = new List<Layer>();
        for (int i = 0; i < starts.Length; i++)
        {
            Layer[] layers = [.. pieces[starts[i]..(i + 1 < starts.Length ? starts[i + 1] : pieces.Count)].SelectMany(piece => piece)];
            if (i + 1 < starts.Length) parts.Add(new Recomputed(layers));
            else parts.AddRange(layers);
        }
        return new Sequential([.. parts]);
    }

    // Layers that work together (an activation behind a convolution) stay together: a part begins with a layer that has weights, or layers inside it.
    private static List<Layer[]> Pieces(Sequential chain)
    {
        var pieces = new List<Layer[]>();
        int start = 0;
        for (int i = 1; i <= chain.Children.Count; i++)
        {
            if (i < chain.Children.Count && chain.Children[i] is not (Conv2d or Linear or { Children.Count: > 0 })) continue;
            pieces.Add([.. chain.Children.Skip(start).Take(i - start)]);
            start = i;
        }
        return pieces;
    }

    // For every bound on the size of a part that can matter, as few parts as it allows.
    private static IEnumerable<int[]> Cuts(long[] sizes)
    {
        var bounds = new SortedSet<long>();
        for (int first = 0; first < sizes.Length; first++)
        {
            long bound = 0;
            for (int last = first; last < sizes.Length; last++) bounds.Add(bound += sizes[last]);
        }
        int[] before = [0];
        foreach (long bound in bounds)
        {
            var starts = new List<int> { 0 };
            long size = 0;
            for (int i = 0; i < sizes.Length; i++)
            {
                if (size > 0 && size + sizes[i] > bound)
                {
                    starts.Add(i);
                    size = 0;
                }
                size += sizes[i];
            }
            if (starts.Count == 1 || before.AsSpan().SequenceEqual(starts.ToArray())) continue;
            yield return before = [.. starts];
        }
    }

    public override Shape OutputShape(Shape input) => _part.OutputShape(input);

    public override LayerContext Plan(Tensor input, PassPlan plan)
    {
        int mark = plan.Mark;
        LayerContext first = _part.Plan(input, plan);
        plan.ReleaseSince(mark, first.Output);
        return new TwiceContext(first);
    }

    public override void Forward(LayerContext context, PassPlan plan, PassState state) => _part.Forward(((TwiceContext)context).First, plan, state);

    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        var twice = (TwiceContext)context;
        int mark = plan.Mark;
        twice.OutputGradient = outputGradient;
        twice.Again = _part.Plan(twice.Input, plan);
        _part.PlanBackward(twice.Again, outputGradient, plan, needInputGradient);
        twice.InputGradient = twice.Again.InputGradient;
        plan.ReleaseSince(mark, twice.InputGradient);
    }

    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        var twice = (TwiceContext)context;
        _part.Forward(twice.Again!, plan, state with { Again = true });
        _part.Backward(twice.Again!, plan, state);
    }

    private sealed class TwiceContext(LayerContext first) : LayerContext(first.Input, first.Output)
    {
        public LayerContext First { get; } = first;

        public LayerContext? Again { get; set; }
    }
}
