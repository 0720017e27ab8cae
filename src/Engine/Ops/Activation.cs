namespace IlgpuSpp.Engine;

/// <summary>An elementwise non-linearity whose derivative can be told from its output.</summary>
public enum ActivationKind
{
    /// <summary>y = x.</summary>
    None,

    /// <summary>y = max(0, x); the gradient at 0 is 0.</summary>
    Relu,

    /// <summary>y = x for x &gt; 0, slope·x otherwise; slope above 0.</summary>
    LeakyRelu,

    /// <summary>y = 1 / (1 + exp(−x)).</summary>
    Sigmoid,
}

/// <summary>A non-linearity with its parameter.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Slope">Slope of the negative half of <see cref="ActivationKind.LeakyRelu"/>, in (0, 1).</param>
public readonly record struct Activation(ActivationKind Kind, float Slope = 0)
{
    /// <summary>y = x.</summary>
    public static Activation None => default;

    /// <summary>y = max(0, x).</summary>
    public static Activation Relu => new(ActivationKind.Relu);
}
