namespace IlgpuSpp.Models;

/// <summary>The trained arrays of a network that is read from a foreign file, until its parameters have memory; in the order of model files.</summary>
internal sealed class ParameterValues
{
    private readonly Dictionary<Parameter, float[]> _values = new(ReferenceEqualityComparer.Instance);

    /// <summary>The values of a parameter.</summary>
    public float[] this[Parameter parameter]
    {
        get => _values[parameter];
        set => _values[parameter] = value;
    }

    /// <summary>Writes the arrays into the parameters of a network; those of other layers are passed over.</summary>
    public void Upload(IReadOnlyList<Parameter> parameters)
    {
        foreach (Parameter parameter in parameters)
            if (_values.TryGetValue(parameter, out float[]? values))
                parameter.Value.Upload(parameter.FromFile(values));
    }
}
