using System.Numerics;

namespace FedValue.Valuation.Games;

/// <summary>A set of players 0 .. n-1; immutable, equal by content.</summary>
public sealed class Coalition : IEquatable<Coalition>
{
    readonly ulong[] _words;

    Coalition(ulong[] words) => _words = words;

    /// <summary>The players whose bits are set, for games of at most 64 players.</summary>
    public static Coalition OfMask(ulong mask) => new(mask == 0 ? [] : [mask]);

    /// <summary>The players listed, in any order.</summary>
    public static Coalition Of(params ReadOnlySpan<int> players)
    {
        int largest = -1;
        foreach (int player in players)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(player);
            largest = Math.Max(largest, player);
        }
        var words = new ulong[largest / 64 + (largest < 0 ? 0 : 1)];
        foreach (int player in players)
            words[player / 64] |= 1UL << (player % 64);
        return new Coalition(words);
    }

    /// <summary>All players of a game of n.</summary>
    public static Coalition Grand(int players) => Of([.. Enumerable.Range(0, players)]);

    /// <summary>How many players it has.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
                count += BitOperations.PopCount(word);
            return count;
        }
    }

    /// <summary>Whether a player is in it.</summary>
    public bool Contains(int player) =>
        player >= 0 && player / 64 < _words.Length && (_words[player / 64] >> (player % 64) & 1) == 1;

    /// <summary>The coalition with one more player.</summary>
    public Coalition With(int player)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(player);
        var words = new ulong[Math.Max(_words.Length, player / 64 + 1)];
        _words.CopyTo(words, 0);
        words[player / 64] |= 1UL << (player % 64);
        return new Coalition(words);
    }

    /// <summary>The players in ascending order.</summary>
    public int[] Members()
    {
        var members = new int[Count];
        int next = 0;
        for (int w = 0; w < _words.Length; w++)
        {
            for (ulong word = _words[w]; word != 0; word &= word - 1)
                members[next++] = 64 * w + BitOperations.TrailingZeroCount(word);
        }
        return members;
    }

    // A coalition's last word is never zero, so equal sets have equal words.

    /// <inheritdoc/>
    public bool Equals(Coalition? other) => other is not null && _words.AsSpan().SequenceEqual(other._words);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Coalition);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (ulong word in _words)
            hash.Add(word);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => "{" + string.Join(",", Members()) + "}";
}
