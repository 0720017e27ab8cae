using System.IO.Enumeration;

namespace IlgpuSpp.Training;

/// <summary>Freezes layers and sets their rates for the length of a run; disposing brings the parameters' own settings back.</summary>
internal sealed class LayerTuning : IDisposable
{
    private readonly List<(Parameter Parameter, bool Frozen, float Multiplier)> _before = [];

    private LayerTuning()
    {
    }

    /// <summary>Applies the options to a network before its optimiser is made.</summary>
    /// <exception cref="OptionsException">A pattern fits no layer with parameters, or nothing is left to train.</exception>
    public static LayerTuning Apply(Network network, TrainerOptions options)
    {
        var tuning = new LayerTuning();
        if (options.FrozenLayers.IsEmpty && options.LayerRates.IsEmpty) return tuning;
        List<Parameter>[] frozen = [.. options.FrozenLayers.Select(pattern => Find(network, pattern, nameof(options.FrozenLayers)))];
        List<Parameter>[] rated = [.. options.LayerRates.Select(rate => Find(network, rate.Layers, nameof(options.LayerRates)))];
        HashSet<Parameter> all = [.. frozen.SelectMany(found => found)];
        if (network.Parameters.Where(p => p.Trainable).All(p => p.Frozen || all.Contains(p)))
            throw new OptionsException(nameof(options.FrozenLayers), $"leaves nothing to train of {string.Join(", ", LayerNames(network))}; name fewer layers");

        foreach (Parameter parameter in network.Parameters) tuning._before.Add((parameter, parameter.Frozen, parameter.LearningRateMultiplier));
        foreach (Parameter parameter in all) parameter.Frozen = true;
        for (int i = 0; i < rated.Length; i++)
            foreach (Parameter parameter in rated[i])
                parameter.LearningRateMultiplier = tuning._before.Find(before => before.Parameter == parameter).Multiplier * (float)options.LayerRates[i].Multiplier;
        return tuning;
    }

    public void Dispose()
    {
        foreach ((Parameter parameter, bool frozen, float multiplier) in _before) (parameter.Frozen, parameter.LearningRateMultiplier) = (frozen, multiplier);
        _before.Clear();
    }

    private static List<Parameter> Find(Network network, string pattern, string option)
    {
        List<Parameter> found = [.. network.Parameters.Where(parameter => Fits(pattern, LayerOf(parameter)))];
        return found.Count > 0
            ? found
            : throw new OptionsException(option, $"names '{pattern}', which is no layer with parameters; there are {string.Join(", ", LayerNames(network))}");
    }

    // A name covers what is inside the layer: "layer1_0" also fits "layer1_0.main.conv1".
    private static bool Fits(string pattern, string layer)
    {
        for (int end = layer.Length; end > 0; end = layer.LastIndexOf('.', end - 1))
            if (FileSystemName.MatchesSimpleExpression(pattern, layer.AsSpan(0, end), ignoreCase: false))
                return true;
        return false;
    }

    private static string LayerOf(Parameter parameter) => parameter.FullName[..Math.Max(0, parameter.FullName.LastIndexOf('.'))];

    private static IEnumerable<string> LayerNames(Network network) => network.Parameters.Select(LayerOf).Distinct();
}
